//! The tags of an XML place or model, looked at before they are read: whoever reads them goes into each from the one around
//! it, and looks at all that are open for each that opens.

/// More instances in each other than Studio can show.
pub(super) const DEPTH_MAX: usize = 512;
/// Tags in each other that are no items: a property in its item, and what it is made of.
const OTHERS_MAX: usize = 16;
/// Bytes of a tag with its attributes.
const TAG_MAX: usize = 64 << 10;
/// Names of languages that a file may use. Studio writes two.
const NAMESPACES_MAX: usize = 16;

/// That the tags of a file are not in each other without end, and none is without end.
///
/// # Errors
/// They are: what there is too much of.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut tags = Tags::default();
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
            after
        };
    }
    Ok(())
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
        let name = tag.trim_start_matches(['<', '/']);
        let name =
            &name[..name.find(|sign: char| sign.is_whitespace() || ['>', '/'].contains(&sign)).unwrap_or(name.len())];
        self.namespaces += tag.matches("xmlns").count();
        if self.namespaces > NAMESPACES_MAX {
            return Err(format!("it uses more than {NAMESPACES_MAX} namespaces; no place does"));
        }
        let open = if name == "Item" { &mut self.items } else { &mut self.others };
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
            ("<!DOCTYPE x [<!ENTITY a '</odd>'>]>".into(), "its own kind of document"),
            (format!("<roblox {}>", "a='b' ".repeat(20_000)), "a tag of it"),
            (format!("<roblox {}>", "xmlns:a='b' ".repeat(20)), "namespaces"),
        ] {
            let problem = check(&text).expect_err("too much");
            assert!(problem.contains(word), "{problem}");
        }
    }
}
