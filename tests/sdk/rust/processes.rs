// SPDX-License-Identifier: Apache-2.0
// Children: output, input, environment, statuses and signals, pipelines, exec.
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

fn outputs() -> io::Result<()> {
    let done = Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]).output()?;
    println!("{:?} {:?} {:?}", done.status.code(), String::from_utf8(done.stdout), String::from_utf8(done.stderr));
    let done = Command::new("/bin/sh").arg("-c").arg("kill -TERM $$").status()?;
    println!("{:?} {:?} {done}", done.code(), done.signal());
    println!("{:?}", Command::new("no-such-program").spawn().map_err(|e| e.kind()));
    println!("{:?}", Command::new("/etc").spawn().map_err(|e| e.kind()));
    Ok(())
}

fn environment() -> io::Result<()> {
    let mut command = Command::new("sh");
    command.arg("-c").arg("echo $VISIBLE $HOME; pwd; umask").env("VISIBLE", "yes").env_remove("HOME").current_dir("/");
    println!("{:?}", String::from_utf8(command.output()?.stdout));
    let done = Command::new("/usr/bin/env").env_clear().env("ONLY", "this").output()?;
    println!("{:?}", String::from_utf8(done.stdout));
    Ok(())
}

fn pipes() -> io::Result<()> {
    let mut child = Command::new("tr").args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    println!("running {:?} {}", child.try_wait()?.is_none(), child.id() > 0);
    child.stdin.take().unwrap().write_all(b"through a pipe")?;
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text)?;
    println!("{text} {}", child.wait()?);
    let first = Command::new("seq").arg("100").stdout(Stdio::piped()).spawn()?;
    let last = Command::new("tail").arg("-n2").stdin(first.stdout.unwrap()).output()?;
    println!("{:?}", String::from_utf8(last.stdout));
    let mut child = Command::new("sleep").arg("1000").spawn()?;
    child.kill()?;
    println!("{:?}", child.wait()?.signal());
    let (mut reader, writer) = io::pipe()?;
    let mut child = Command::new("sh").args(["-c", "echo one; echo two >&2"]).stdout(writer.try_clone()?).stderr(writer).spawn()?;
    text.clear();
    reader.read_to_string(&mut text)?;
    println!("{text:?} {}", child.wait()?.success());
    Ok(())
}

fn in_the_child() -> io::Result<()> {
    let mut command = Command::new("sh");
    command.arg0("renamed").args(["-c", "echo $0 $INSIDE"]);
    unsafe { command.env("INSIDE", "set").pre_exec(|| Ok(())) };
    println!("{:?}", String::from_utf8(command.output()?.stdout));
    let mut failing = Command::new("true");
    unsafe { failing.pre_exec(|| Err(io::Error::from_raw_os_error(11))) };
    println!("{:?}", failing.status().map_err(|e| e.raw_os_error()));
    println!("{:?}", String::from_utf8(Command::new("sh").args(["-c", "echo ok"]).process_group(0).output()?.stdout));
    Ok(())
}

fn main() -> io::Result<()> {
    outputs()?;
    environment()?;
    pipes()?;
    in_the_child()?;
    println!("{:?}", Command::new("/nonexistent").exec().kind());
    io::stdout().flush()?;
    Err(Command::new("sh").args(["-c", "echo executed; exit 9"]).exec())
}
