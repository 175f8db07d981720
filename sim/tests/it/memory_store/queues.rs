use dupeproof_core::Span;

use super::backend::{Backend, queue};

#[test]
fn higher_priorities_come_first_and_equal_ones_in_order_of_addition() {
    let mut store = Backend::new();
    for (name, priority) in [("a", 0.0), ("b", 1.5), ("c", 0.0), ("d", 1.5), ("e", -1.0)] {
        store.add(name, 600, priority);
    }
    assert_eq!(store.read(3, false).1, ["b", "d", "a"]);
    assert_eq!(store.read(3, false).1, ["c", "e"]);
    assert_eq!(store.read(3, false), (None, Vec::new()));
}

#[test]
fn what_is_read_is_invisible_until_the_readers_time_is_over() {
    let mut store = Backend::new();
    store.add("a", 600, 0.0);
    let (first, _) = store.read(1, false);
    assert_eq!((store.size(&queue(), false), store.size(&queue(), true)), (1, 0));
    store.wait(Span::millis(29_999));
    assert_eq!(store.read(1, false), (None, Vec::new()));
    store.wait(Span::millis(1));
    let (second, again) = store.read(1, false);
    assert_eq!(again, ["a"]);
    assert_ne!(first, second);
}

#[test]
fn what_is_removed_in_time_is_gone_and_what_is_removed_too_late_is_not() {
    let mut store = Backend::new();
    store.add("a", 600, 0.0);
    store.add("b", 600, 0.0);
    let (first, _) = store.read(1, false);
    store.remove_read(first.unwrap());
    assert_eq!(store.size(&queue(), false), 1);
    let (late, _) = store.read(1, false);
    store.wait(Span::secs(30));
    store.remove_read(late.unwrap());
    assert_eq!(store.size(&queue(), false), 1);
    // Somebody else reads it: the first reader cannot take it from under them.
    let (other, _) = store.read(1, false);
    store.remove_read(late.unwrap());
    assert_eq!(store.size(&queue(), false), 1);
    store.remove_read(other.unwrap());
    assert_eq!(store.size(&queue(), false), 0);
}

#[test]
fn all_or_nothing_reads_nothing_from_a_queue_of_fewer() {
    let mut store = Backend::new();
    store.add("a", 600, 0.0);
    store.add("b", 600, 0.0);
    assert_eq!(store.read(3, true), (None, Vec::new()));
    assert_eq!(store.read(2, true).1, ["a", "b"]);
    store.add("c", 600, 0.0);
    assert_eq!(store.read(2, true), (None, Vec::new()), "invisible items do not count");
}

#[test]
fn items_of_a_queue_expire_even_while_somebody_reads_them() {
    let mut store = Backend::new();
    store.add("a", 10, 0.0);
    store.add("b", 20, 0.0);
    let (read, _) = store.read(1, false);
    store.wait(Span::secs(10));
    assert_eq!(store.size(&queue(), false), 1);
    store.remove_read(read.unwrap());
    assert_eq!(store.read(5, false).1, ["b"]);
    store.wait(Span::secs(10));
    assert_eq!(store.size(&queue(), false), 0);
}
