//! What the engine has, as scripts of the prelude ask for it: one class, member or enum at a time, when a script first
//! uses it. Virtual machines are started thousands of times; most scripts use little of Roblox.

use dupeproof_sim::value::ScriptValue;

use super::arguments::Arguments;
use super::{Answers, Session};
use crate::prelude;
use crate::reflection::{self, Class, Kind, Member, Property, brick_color};
use crate::value::Answer;

/// A class: its base, whether it can be created, whether it is a service, and the part of the prelude that defines what
/// its objects do. Just nil if the engine has no such class.
pub(super) fn class(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let name = arguments.text(0)?;
    let Some(Class { base, creatable, service, .. }) = reflection::class(name) else { return Ok(Vec::new()) };
    Ok(vec![
        true.into(),
        Answer::option(base),
        creatable.into(),
        service.into(),
        Answer::option(prelude::part_of(name)),
    ])
}

/// A member of a class: what it is, and more about it. Just nil if there is none.
pub(super) fn member(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let Ok(name) = arguments.text(1) else { return Ok(Vec::new()) };
    Ok(match reflection::member(arguments.text(0)?, name) {
        None => Vec::new(),
        Some(Member::Named(Kind::Event)) => vec!["event".into()],
        Some(Member::Named(Kind::Callback)) => vec!["callback".into()],
        Some(Member::Named(Kind::Method(result))) => vec!["method".into(), result.into()],
        Some(Member::Property(Property { name, kind, of, writable, default })) => {
            vec!["property".into(), name.into(), kind.into(), Answer::option(of), writable.into(), default]
        }
    })
}

/// The items of an enum: names and values by turns, in the order of the values. Just nil if there is no such enum.
pub(super) fn enum_items(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let Some(items) = reflection::enum_items(arguments.text(0)?) else { return Ok(Vec::new()) };
    Ok(vec![Answer::List(items.into_iter().flat_map(|(name, value)| [name.into(), value.into()]).collect())])
}

/// The names of all enums.
pub(super) fn enums(_: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    Ok(vec![names(reflection::enums())])
}

/// The names of all classes.
pub(super) fn classes(_: &mut Session<'_, '_>, _: Arguments<'_>) -> Answers {
    Ok(vec![names(reflection::classes().map(|class| class.name))])
}

/// A named colour, by its number or name, or the nearest to red, green and blue from 0 to 255: its number, its name, and
/// these three.
pub(super) fn brick_color(_: &mut Session<'_, '_>, arguments: Arguments<'_>) -> Answers {
    let color = match (arguments.text(0), arguments.number(0)) {
        (Ok(name), _) => brick_color::named(name),
        (_, Ok(red)) if *arguments.get(1) != ScriptValue::Nil => {
            brick_color::nearest([red, arguments.number(1)?, arguments.number(2)?])
        }
        (_, number) => brick_color::numbered(number.unwrap_or_default()),
    };
    let brick_color::Named { number, name, rgb: [red, green, blue] } = color;
    Ok(vec![number.into(), name.into(), red.into(), green.into(), blue.into()])
}

fn names(names: impl IntoIterator<Item = &'static str>) -> Answer {
    Answer::List(names.into_iter().map(Answer::from).collect())
}
