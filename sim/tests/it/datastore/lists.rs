use dupeproof_core::Span;
use dupeproof_sim::request::Page;
use dupeproof_sim::{Key, Request, Response};

use super::backend::Backend;

struct Listing<'a> {
    prefix: &'a str,
    page_size: u32,
    exclude_deleted: bool,
}

impl Listing<'_> {
    fn page(&self, store: &mut Backend, after: Option<Key>) -> Page<Key, Key> {
        let Listing { prefix, page_size, exclude_deleted } = *self;
        match store.ask(Request::ListKeys { prefix: prefix.into(), page_size, after, exclude_deleted }) {
            Ok(Response::Keys(page)) => page,
            other => panic!("{other:?}"),
        }
    }

    /// The sizes of the pages, and what was on them.
    fn all(&self, store: &mut Backend) -> (Vec<usize>, Vec<Key>) {
        let (mut sizes, mut found) = (Vec::new(), Vec::new());
        let mut after = None;
        loop {
            let page = self.page(store, after);
            sizes.push(page.items.len());
            found.extend(page.items);
            after = page.next;
            if after.is_none() {
                return (sizes, found);
            }
        }
    }
}

fn of(prefix: &str) -> Listing<'_> {
    Listing { prefix, page_size: 0, exclude_deleted: false }
}

#[test]
fn keys_are_listed_by_prefix_within_their_store_and_scope() {
    let mut store = Backend::new();
    for key in ["Player_7", "Guild_1", "Other/global/Player_8", "PlayerData/u/Player_9", "ordered:Other/global/P"] {
        store.set(key, 1);
    }
    let keys = |found: (Vec<usize>, Vec<Key>)| found.1.iter().map(|key| key.to_string()).collect::<Vec<_>>();
    assert_eq!(keys(of("Player_").all(&mut store)), ["Player_0", "Player_7"]);
    assert_eq!(keys(of("").all(&mut store)), ["Guild_1", "Player_0", "Player_7"]);
    assert_eq!(keys(of("Other/global/").all(&mut store)), ["Other/global/Player_8"]);
    assert_eq!(keys(of("PlayerData/u/Pl").all(&mut store)), ["PlayerData/u/Player_9"]);
    assert_eq!(keys(of("Nobody").all(&mut store)), [] as [&str; 0]);
}

#[test]
fn a_page_has_50_keys_unless_asked_otherwise() {
    let mut store = Backend::new();
    for number in 0..120 {
        store.set(&format!("many_{number:03}"), 1);
    }
    let (sizes, found) = of("many_").all(&mut store);
    assert_eq!((sizes, found.len()), (vec![50, 50, 20], 120));
    let (sizes, again) = Listing { page_size: 60, ..of("many_") }.all(&mut store);
    assert_eq!((sizes, again), (vec![60, 60], found));
}

#[test]
fn removed_keys_are_listed_unless_excluded_and_not_at_all_once_they_are_gone_for_good() {
    let mut store = Backend::new();
    store.set("a", 1);
    store.set("b", 1);
    store.remove("a");
    assert_eq!(of("").all(&mut store).1.len(), 3);
    let live = Listing { exclude_deleted: true, ..of("") }.all(&mut store).1;
    assert_eq!(live, [Key::from("Player_0"), "b".into()]);
    store.wait(Span::secs(30 * 24 * 3_600));
    assert_eq!(of("").all(&mut store).1, live);
}

#[test]
fn excluding_removed_keys_looks_at_512_at_a_time_and_can_give_an_empty_page_with_more_to_come() {
    let mut store = Backend::new();
    for number in 0..600 {
        let key = format!("many_{number:03}");
        store.set(&key, 1);
        store.remove(&key);
    }
    store.set("many_999", 1);
    let (sizes, found) = Listing { exclude_deleted: true, ..of("many_") }.all(&mut store);
    assert_eq!((sizes, found), (vec![0, 1], vec!["many_999".into()]));
}
