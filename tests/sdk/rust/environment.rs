// SPDX-License-Identifier: Apache-2.0
// Variables, arguments, the current folder, clocks, the standard streams.
use std::env;
use std::io::{self, BufRead, IsTerminal, Read};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

fn main() {
    println!("{:?} {:?}", env::var("HOME"), env::var("ABSENT"));
    let mut names: Vec<_> = env::vars_os().map(|(name, _)| name).collect();
    names.sort();
    println!("{names:?}");
    unsafe {
        env::set_var("ADDED", "with = and ü");
        env::remove_var("HOME");
    }
    println!("{:?} {:?}", env::var("ADDED"), env::var_os("HOME"));
    println!("{:?}", env::args().skip(1).collect::<Vec<_>>());
    std::fs::create_dir("inner").unwrap();
    env::set_current_dir("inner").unwrap();
    println!("{:?} {:?}", env::current_dir().unwrap().file_name(), env::temp_dir());
    println!("{}", env::current_exe().is_ok());
    println!("{} {} {}", env::consts::OS, env::consts::FAMILY, env::split_paths("/a:/b").count());
    let begin = Instant::now();
    std::thread::sleep(Duration::from_millis(3));
    println!("{} {}", begin.elapsed() >= Duration::from_millis(3), begin.elapsed() < Duration::from_secs(600));
    println!("{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() > 1_700_000_000);
    let mut line = String::new();
    println!("{} {line:?}", io::stdin().lock().read_line(&mut line).unwrap());
    let mut rest = Vec::new();
    println!("{} {}", io::stdin().read_to_end(&mut rest).unwrap(), io::stdin().is_terminal());
    println!("{}", std::thread::available_parallelism().unwrap().get() > 0);
}
