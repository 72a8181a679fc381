// SPDX-License-Identifier: Apache-2.0
// The network, on the loopback: TCP, UDP, Unix sockets, timeouts, names, errors.
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

fn echo(listener: TcpListener) -> io::Result<usize> {
    let mut bytes = 0;
    for stream in listener.incoming().take(3) {
        let stream = stream?;
        let mut writer = stream.try_clone()?;
        for line in BufReader::new(stream).lines() {
            let line = line?;
            bytes += line.len();
            writeln!(writer, "{}", line.to_uppercase())?;
        }
    }
    Ok(bytes)
}

fn tcp() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || echo(listener));
    for client in 0..3 {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(30))?;
        stream.set_nodelay(true)?;
        println!("{} {}", stream.nodelay()?, stream.peer_addr()? == address);
        write!(stream, "client {client}\nsays ü\n")?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        println!("{answer:?}");
    }
    println!("{:?}", server.join().unwrap());
    println!("{:?}", TcpStream::connect(address).map_err(|e| e.kind()));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    println!("{:?}", listener.accept().map_err(|e| e.kind()));
    let mut stream = TcpStream::connect(listener.local_addr()?)?;
    stream.set_read_timeout(Some(Duration::from_millis(5)))?;
    println!("{:?} {:?}", stream.read(&mut [0; 8]).map_err(|e| e.kind()), stream.read_timeout()?.is_some());
    println!("{:?}", TcpListener::bind(listener.local_addr()?).map_err(|e| e.kind()));
    Ok(())
}

fn much_data() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> io::Result<u64> { io::copy(&mut listener.accept()?.0, &mut io::sink()) });
    let mut stream = TcpStream::connect(address)?;
    let block: Vec<u8> = (0..65536u32).map(|n| n as u8).collect();
    for _ in 0..64 {
        stream.write_all(&block)?;
    }
    drop(stream);
    println!("{:?}", server.join().unwrap());
    Ok(())
}

fn udp_and_unix() -> io::Result<()> {
    let (a, b) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
    a.send_to(b"datagram", b.local_addr()?)?;
    let mut text = [0; 32];
    let (size, from) = b.recv_from(&mut text)?;
    println!("{:?} {}", std::str::from_utf8(&text[..size]), from == a.local_addr()?);
    let listener = UnixListener::bind("socket")?;
    let client = thread::spawn(|| -> io::Result<String> {
        let mut stream = UnixStream::connect("socket")?;
        stream.write_all(b"ping")?;
        stream.shutdown(Shutdown::Write)?;
        io::read_to_string(stream)
    });
    let (mut stream, _) = listener.accept()?;
    println!("{:?}", io::read_to_string(&stream)?);
    stream.write_all(b"pong")?;
    drop(stream);
    println!("{:?} {:?}", client.join().unwrap()?, listener.local_addr()?.as_pathname());
    let (x, y) = UnixDatagram::pair()?;
    x.send(b"pair")?;
    println!("{}", y.recv(&mut text)?);
    Ok(())
}

fn names() {
    println!("{:?}", "127.0.0.1:80".to_socket_addrs().map(|all| all.collect::<Vec<_>>()));
    println!("{:?}", "[fe80::1]:443".parse::<SocketAddr>());
    println!("{:?} {:?}", "::ffff:1.2.3.4".parse::<Ipv6Addr>().map(|a| a.to_ipv4()), "1.2.3".parse::<Ipv6Addr>().is_err());
}

fn main() -> io::Result<()> {
    tcp()?;
    much_data()?;
    udp_and_unix()?;
    names();
    Ok(())
}
