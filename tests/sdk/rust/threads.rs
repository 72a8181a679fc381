// SPDX-License-Identifier: Apache-2.0
// Threads: results, panics, scopes, channels, locks, conditions, thread-local values, once, parking, atomics.
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, OnceLock, RwLock, mpsc};
use std::thread;
use std::time::Duration;

struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

static DROPPED: AtomicUsize = AtomicUsize::new(0);
static LAZY: LazyLock<String> = LazyLock::new(|| "made once".to_string());

thread_local! {
    static NUMBER: Cell<u32> = const { Cell::new(7) };
    static VALUE: RefCell<Option<Counted>> = const { RefCell::new(None) };
}

fn results() {
    let handles: Vec<_> = (0..8).map(|n| thread::spawn(move || n * n)).collect();
    println!("{:?}", handles.into_iter().map(|h| h.join().unwrap()).collect::<Vec<_>>());
    let panicking = thread::Builder::new().name("named".into()).stack_size(1 << 20).spawn(|| {
        assert_eq!(thread::current().name(), Some("named"));
        std::panic::resume_unwind(Box::new("payload"));
    });
    println!("{:?}", panicking.unwrap().join().unwrap_err().downcast_ref::<&str>());
    let mut numbers = vec![1, 2, 3, 4, 5, 6];
    thread::scope(|scope| {
        for part in numbers.chunks_mut(2) {
            scope.spawn(move || part.iter_mut().for_each(|n| *n *= 10));
        }
    });
    println!("{numbers:?}");
}

fn messages() {
    let (sender, receiver) = mpsc::channel();
    for id in 0..4 {
        let sender = sender.clone();
        thread::spawn(move || (0..250).for_each(|n| sender.send(id * 1000 + n).unwrap()));
    }
    drop(sender);
    println!("{}", receiver.iter().sum::<i32>());
    let (sender, receiver) = mpsc::sync_channel(1);
    let producer = thread::spawn(move || (0..100).map(|n| sender.send(n).is_ok()).filter(|ok| *ok).count());
    println!("{:?}", receiver.iter().take(50).collect::<Vec<i32>>().len());
    drop(receiver);
    println!("{}", producer.join().unwrap() >= 50);
    let (_sender, receiver) = mpsc::channel::<i32>();
    println!("{:?}", receiver.recv_timeout(Duration::from_millis(2)));
}

fn locks() {
    let mutex = Arc::new((Mutex::new(0u64), Condvar::new()));
    let total = AtomicU64::new(0);
    let shared = RwLock::new(vec![0; 4]);
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for id in 0..4 {
            let (mutex, total, shared, barrier) = (mutex.clone(), &total, &shared, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..1000 {
                    total.fetch_add(1 << 33, Ordering::Relaxed);
                    shared.write().unwrap()[id] += 1;
                    std::hint::black_box(shared.read().unwrap()[0]);
                }
                *mutex.0.lock().unwrap() += 1;
                mutex.1.notify_all();
            });
        }
        let done = mutex.1.wait_while(mutex.0.lock().unwrap(), |done| *done < 4).unwrap();
        println!("{} finished", *done);
    });
    println!("{} {:?}", total.into_inner() >> 33, shared.into_inner());
    let poisoned = Arc::new(Mutex::new(5));
    let clone = poisoned.clone();
    let _ = thread::spawn(move || {
        let _guard = clone.lock().unwrap();
        std::panic::resume_unwind(Box::new(()));
    })
    .join();
    println!("{} {}", poisoned.is_poisoned(), *poisoned.lock().unwrap_or_else(|e| e.into_inner()));
    let (lock, condition) = (Mutex::new(()), Condvar::new());
    println!("{}", condition.wait_timeout(lock.lock().unwrap(), Duration::from_millis(2)).unwrap().1.timed_out());
}

fn locals() {
    NUMBER.set(1);
    for round in 0..20 {
        let seen = thread::spawn(move || {
            VALUE.with(|value| *value.borrow_mut() = Some(Counted(&DROPPED)));
            let before = NUMBER.replace(round);
            (before, NUMBER.get(), LAZY.len())
        });
        assert_eq!(seen.join().unwrap(), (7, round, 9));
    }
    println!("{} {} dropped", NUMBER.get(), DROPPED.load(Ordering::SeqCst));
    let once = OnceLock::new();
    thread::scope(|scope| (0..4).for_each(|n| drop(scope.spawn({ let once = &once; move || once.get_or_init(|| n).clone() }))));
    println!("{}", *once.get().unwrap() < 4);
    let parked = thread::spawn(thread::park);
    parked.thread().unpark();
    println!("{:?}", parked.join());
}

fn main() {
    results();
    messages();
    locks();
    locals();
}
