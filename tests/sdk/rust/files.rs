// SPDX-License-Identifier: Apache-2.0
// Files: reading, writing, seeking, folders, links, permissions, times, locks, errors.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

fn contents() -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o640).open("file")?;
    writeln!(file, "first line\nsecond line\nthird")?;
    println!("at {} of {}", file.stream_position()?, file.metadata()?.len());
    file.seek(SeekFrom::Start(6))?;
    let mut word = [0; 4];
    file.read_exact(&mut word)?;
    println!("{:?}", std::str::from_utf8(&word));
    file.write_all_at(b"SECOND", 11)?;
    println!("{} {:?}", file.read_at(&mut word, 11)?, word);
    println!("{:?}", BufReader::new(File::open("file")?).lines().collect::<Result<Vec<_>, _>>()?);
    println!("{} {:?}", file.seek(SeekFrom::End(-3))?, file.seek(SeekFrom::Current(-100)).map_err(|e| e.kind()));
    file.set_len(1 << 33)?;
    println!("{} blocks below 100: {}", file.metadata()?.len(), file.metadata()?.blocks() < 100);
    println!("{}", file.seek(SeekFrom::Start(1 << 32))?);
    file.set_len(5)?;
    file.sync_all()?;
    let mut writer = BufWriter::new(OpenOptions::new().append(true).open("file")?);
    for number in 0..10_000 {
        write!(writer, "{number} ")?;
    }
    writer.into_inner()?.sync_data()?;
    println!("{} bytes, copied {}", fs::read_to_string("file")?.len(), fs::copy("file", "copy")?);
    println!("same {}", fs::read("file")? == fs::read("copy")?);
    Ok(())
}

fn folders() -> io::Result<()> {
    fs::create_dir_all("a/b/c")?;
    for name in ["a/z", "a/y", "a/b/x"] {
        fs::write(name, name)?;
    }
    symlink("../file", "a/link")?;
    fs::hard_link("a/z", "a/hard")?;
    let mut names: Vec<_> = fs::read_dir("a")?
        .map(|entry| entry.map(|e| (e.file_name(), e.file_type().unwrap().is_symlink(), e.metadata().unwrap().nlink())))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("{:?}", names.iter().map(|(name, link, _)| (name, link)).collect::<Vec<_>>());
    println!("{} {:?}", fs::metadata("a/z")?.nlink(), fs::read_link("a/link")?);
    println!("{} {}", fs::canonicalize("a/link")?.ends_with("file"), Path::new("a/absent").exists());
    fs::rename("a/y", "a/b/moved")?;
    println!("{:?}", fs::remove_dir("a").map_err(|e| e.kind()));
    fs::remove_dir_all("a")?;
    println!("{}", Path::new("a").try_exists()?);
    Ok(())
}

fn attributes() -> io::Result<()> {
    fs::set_permissions("copy", fs::Permissions::from_mode(0o400))?;
    let status = fs::metadata("copy")?;
    println!("{:o} {} {}", status.mode(), status.permissions().readonly(), status.is_file());
    let file = File::open("copy")?;
    file.set_modified(UNIX_EPOCH + Duration::new(1_600_000_000, 5))?;
    println!("{:?} {}", file.metadata()?.modified()?.duration_since(UNIX_EPOCH), file.metadata()?.mtime_nsec());
    println!("{} {}", file.metadata()?.accessed().is_ok(), file.metadata()?.ino() == status.ino());
    file.lock_shared()?;
    println!("{:?}", File::open("copy")?.try_lock().is_err());
    file.unlock()?;
    Ok(())
}

fn errors() {
    println!("{:?}", File::open("/nonexistent"));
    println!("{:?}", fs::create_dir("/proc/x").map_err(|e| e.raw_os_error()));
    println!("{:?}", fs::read("/").map_err(|e| e.kind()));
    println!("{:?}", File::open("a\0b").map_err(|e| e.kind()));
    println!("{}", fs::read_to_string("/proc/self/comm").is_ok());
}

fn main() -> io::Result<()> {
    contents()?;
    folders()?;
    attributes()?;
    errors();
    let mut all = String::new();
    File::open("/dev/null")?.read_to_string(&mut all)?;
    println!("{}", all.len());
    Err(io::Error::other("main returns an error"))
}
