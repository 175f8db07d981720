//! The tags of an XML place or model, looked at before they are read: whoever reads them goes into each from the one around
//! it, and looks at all that are open for each that opens.

use std::collections::BTreeMap;

use super::chunks::TAGS_MAX;

/// More instances in each other than Studio can show.
pub(super) const DEPTH_MAX: usize = 512;
/// Tags in each other that are no items: a property in its item, and what it is made of.
const OTHERS_MAX: usize = 16;
/// Bytes of a tag with its attributes.
const TAG_MAX: usize = 64 << 10;
/// Names of languages that a file may use. Studio writes two.
const NAMESPACES_MAX: usize = 16;

/// That the tags of a file are not in each other without end, none is without end, and no text is given to many instances
/// that cannot all have it.
///
/// # Errors
/// They are: what there is too much of.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut tags = Tags::default();
    let mut shared = Shared::default();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        rest = if rest.starts_with("<![CDATA[") {
            behind(rest, "]]>")
        } else if rest.starts_with("<!--") {
            behind(rest, "-->")
        } else if rest.starts_with("<?") {
            behind(rest, "?>")
        } else if rest.starts_with("<!") {
            return Err("it defines its own kind of document; no place does".into());
        } else {
            let (tag, after) = rest.split_at(length(rest)?);
            tags.add(tag)?;
            shared.add(tag, after)?;
            after
        };
    }
    shared.check()
}

fn behind<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |place| &text[place + end.len()..])
}

/// The length of the tag that a text begins with. Values of attributes may have any sign.
fn length(text: &str) -> Result<usize, String> {
    let mut quote = None;
    for (place, byte) in text.bytes().enumerate().take(TAG_MAX) {
        match (quote, byte) {
            (None, b'>') => return Ok(place + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    if text.len() < TAG_MAX { Ok(text.len()) } else { Err(format!("a tag of it has more than {TAG_MAX} bytes")) }
}

/// The name of a tag, without that of its language.
fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|sign: char| sign.is_whitespace() || ['>', '/'].contains(&sign)).unwrap_or(name.len());
    name[..end].rsplit(':').next().unwrap_or_default()
}

/// Texts that stand at the end of a file, for many instances. Each gets a copy of those that are its tags.
#[derive(Default)]
struct Shared<'a> {
    /// The length of each, by its hash.
    lengths: BTreeMap<&'a str, usize>,
    /// How many instances have one for their tags.
    tags: BTreeMap<&'a str, usize>,
}

impl<'a> Shared<'a> {
    fn add(&mut self, tag: &'a str, after: &'a str) -> Result<(), String> {
        if tag.starts_with("</") || tag.ends_with("/>") || name_of(tag) != "SharedString" {
            return Ok(());
        }
        let (text, rest) = after.split_at(after.find('<').unwrap_or(after.len()));
        // Written in another way, it could be any.
        if tag.contains('&') || text.contains('&') || rest.starts_with("<!") || rest.starts_with("<?") {
            return Err("a shared string of it is not written as Studio writes it".into());
        }
        for hash in attributes(tag, "md5") {
            let length = self.lengths.entry(hash.trim()).or_default();
            *length = text.len().max(*length);
        }
        if attributes(tag, "name").any(|name| name == "Tags") {
            *self.tags.entry(text.trim()).or_default() += 1;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        let length = |hash: &&str| self.lengths.get(hash).copied().unwrap_or_default();
        let each = self.tags.iter().map(|(hash, count)| count.saturating_mul(length(hash)));
        if each.fold(0, usize::saturating_add) > TAGS_MAX {
            return Err("the tags of its instances take more bytes than a place has".into());
        }
        Ok(())
    }
}

/// The values of an attribute of a tag, as they are written: one, and what looks like one in the value of another.
fn attributes<'a>(tag: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let starts = tag.match_indices(name).filter(|(place, _)| tag[..*place].ends_with(char::is_whitespace));
    starts.filter_map(|(place, name)| {
        let value = tag[place + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|sign| ['"', '\''].contains(sign))?;
        value[1..].split(quote).next()
    })
}

/// The tags that are open.
#[derive(Default)]
struct Tags {
    items: usize,
    others: usize,
    namespaces: usize,
}

impl Tags {
    fn add(&mut self, tag: &str) -> Result<(), String> {
        let is_end = tag.starts_with("</");
        self.namespaces += tag.matches("xmlns").count();
        if self.namespaces > NAMESPACES_MAX {
            return Err(format!("it uses more than {NAMESPACES_MAX} namespaces; no place does"));
        }
        let open = if name_of(tag) == "Item" { &mut self.items } else { &mut self.others };
        if is_end {
            *open = open.saturating_sub(1);
        } else if !tag.ends_with("/>") {
            *open += 1;
        }
        if self.items > DEPTH_MAX {
            return Err(format!("its items are in each other more than {DEPTH_MAX} times; no game is like that"));
        }
        // Each of the items that are open may be one in which properties are, too.
        if self.others > OTHERS_MAX {
            return Err(format!("its tags are in each other more than {OTHERS_MAX} times; no place is like that"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn signs_in_values_comments_and_texts_open_nothing() {
        let plain = "<roblox version='4'><!-- <a><b> --><?x <a> ?><Item class=\"<\" a='>'><![CDATA[<a><a>]]></Item><Item/></roblox>";
        check(&plain.repeat(1_000)).expect("nothing stays open");
        for (text, word) in [
            (format!("<roblox>{}", "<odd name='x'>".repeat(100)), "its tags are in each other"),
            (format!("<roblox>{}", "<Item>".repeat(600)), "its items are in each other"),
            (format!("<roblox>{}", "<?x </odd></odd> ?><odd>".repeat(100)), "its tags are in each other"),
            (
                format!(
                    "<roblox>{}<SharedString md5='h'>{}</SharedString>",
                    "<SharedString name='Tags'>h</SharedString>".repeat(1_000),
                    "A".repeat(100_000)
                ),
                "the tags of its instances",
            ),
            ("<SharedString name='Tags'><![CDATA[h]]></SharedString>".into(), "not written as Studio writes it"),
            ("<a:SharedString name='&#84;ags'>h</a:SharedString>".into(), "not written as Studio writes it"),
            ("<!DOCTYPE x [<!ENTITY a '</odd>'>]>".into(), "its own kind of document"),
            (format!("<roblox {}>", "a='b' ".repeat(20_000)), "a tag of it"),
            (format!("<roblox {}>", "xmlns:a='b' ".repeat(20)), "namespaces"),
        ] {
            let problem = check(&text).expect_err("too much");
            assert!(problem.contains(word), "{problem}");
        }
    }
}
