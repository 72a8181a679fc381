// SPDX-License-Identifier: Apache-2.0
// Output, formatting, collections, panics that are caught, exit status.
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::io::Write as _;

struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("drop {}", self.0);
    }
}

fn numbers() {
    println!("{:?} {:e} {:.3} {}", 0.1 + 0.2, 1234.5f32, std::f64::consts::PI, f64::NAN);
    println!("{} {:#x} {:08b} {}", i128::MAX, u64::MAX, 37, i64::MIN);
    println!("{:?} {:?}", "12".parse::<u8>(), "300".parse::<u8>().is_err());
    println!("{:?} {:?}", i32::MAX.checked_add(1), 200u8.wrapping_mul(3));
    println!("{} {} {}", 2f64.powf(0.5), 1f64.sin(), (10f64).ln());
    println!("{} {}", std::mem::size_of::<usize>() == std::mem::size_of::<*const u8>(), char::from_u32(0x1f980).unwrap());
}

fn collections() {
    let words = "the quick brown fox jumps over the lazy dog the end";
    let mut count: HashMap<&str, u32> = HashMap::new();
    for word in words.split(' ') {
        *count.entry(word).or_default() += 1;
    }
    let sorted: BTreeMap<_, _> = count.into_iter().collect();
    println!("{sorted:?}");
    let mut queue: VecDeque<_> = (0..10).collect();
    queue.rotate_left(3);
    let set: HashSet<_> = queue.iter().map(|n| n % 4).collect();
    println!("{queue:?} {}", set.len());
    let mut text = String::new();
    write!(text, "{:>8}|{:<8}|{:^8}", "right", "left", "mid").unwrap();
    println!("{text} {}", text.to_uppercase());
    let mut sorted: Vec<i64> = (0..1000).map(|n| n * 7919 % 1009).collect();
    sorted.sort_unstable();
    println!("{} {:?}", sorted[500], sorted.binary_search(&17));
}

fn panics() {
    std::panic::set_hook(Box::new(|info| println!("panicked: {info}")));
    let caught = std::panic::catch_unwind(|| {
        let _scope = Noisy("in the panic");
        let empty: Vec<i32> = Vec::new();
        empty[std::hint::black_box(3)]
    });
    println!("caught {}", caught.is_err());
    let caught = std::panic::catch_unwind(|| std::panic::panic_any(42));
    println!("carried {:?}", caught.unwrap_err().downcast_ref::<i32>());
    let caught = std::panic::catch_unwind(|| {
        if std::panic::catch_unwind(|| panic!("inner")).is_err() {
            panic!("outer");
        }
    });
    println!("nested {:?}", caught.unwrap_err().downcast_ref::<&str>());
}

fn main() {
    println!("hello, {} arguments", std::env::args().count());
    numbers();
    collections();
    panics();
    print!("not a whole line");
    std::io::stdout().flush().unwrap();
    let _main = Noisy("never: exit does not unwind");
    std::process::exit(7);
}
