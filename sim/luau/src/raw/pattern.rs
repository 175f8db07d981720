//! Luau's patterns, matched in counted work: Luau's own matcher lets a pattern of a few bytes run for hours between two
//! safepoints.
//!
//! Its rules are those of `string.find` in Luau, down to what is malformed and how deep a match may nest; a test compares
//! the two.

/// As in Luau.
const CAPTURES_MAX: usize = 32;

/// As in Luau: how deep matching may nest, until a pattern is too complex.
const DEPTH_MAX: u32 = 200;

/// Bytes looked at that are one unit of work.
const BYTES_PER_WORK: u64 = 4;

/// Why a match was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The pattern is wrong: an error of the script.
    Error(String),
    /// The allowance of work is used up.
    Exhausted,
}

/// Part of the subject that a pattern captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    /// From one place up to, but without, another.
    Text(usize, usize),
    /// `()`: a place.
    Position(usize),
    /// `(` without `)`, so far.
    Open(usize),
}

type Outcome = Result<Option<usize>, Fault>;

type Place = Result<usize, Fault>;

/// One pattern over one subject.
pub(super) struct Matcher<'a> {
    subject: &'a [u8],
    pattern: &'a [u8],
    captures: Vec<Capture>,
    depth: u32,
    /// Bytes looked at since it was made.
    looked: u64,
    /// The most of them.
    looked_max: u64,
}

impl<'a> Matcher<'a> {
    /// With a leading `^` taken off the pattern, where that is an anchor.
    pub(super) fn new(subject: &'a [u8], pattern: &'a [u8], allowance: u64) -> Matcher<'a> {
        let looked_max = allowance.saturating_mul(BYTES_PER_WORK);
        Matcher { subject, pattern, captures: Vec::new(), depth: 0, looked: 0, looked_max }
    }

    /// What has been spent.
    pub(super) fn work(&self) -> u64 {
        self.looked / BYTES_PER_WORK
    }

    /// Where a match that begins at a place ends.
    pub(super) fn match_at(&mut self, at: usize) -> Outcome {
        self.captures.clear();
        self.depth = 0;
        self.follow(at, 0)
    }

    /// The first match that begins at a place or after it, if it may: where it begins and ends.
    pub(super) fn search(&mut self, from: usize, anchored: bool) -> Result<Option<(usize, usize)>, Fault> {
        for start in from..=self.subject.len() {
            if let Some(end) = self.match_at(start)? {
                return Ok(Some((start, end)));
            }
            if anchored {
                break;
            }
        }
        Ok(None)
    }

    /// What the last match captured: the whole of it if there are no captures in the pattern.
    pub(super) fn captured(&self, start: usize, end: usize) -> Vec<Capture> {
        if self.captures.is_empty() { vec![Capture::Text(start, end)] } else { self.captures.clone() }
    }

    /// What it captured, without the whole.
    pub(super) fn captures(&self) -> &[Capture] {
        &self.captures
    }

    fn look(&mut self, bytes: usize) -> Result<(), Fault> {
        self.looked += bytes as u64;
        if self.looked > self.looked_max { Err(Fault::Exhausted) } else { Ok(()) }
    }

    /// The byte of the pattern at a place; zero at its end, as Luau's strings have one there.
    fn sign(&self, place: usize) -> u8 {
        self.pattern.get(place).copied().unwrap_or(0)
    }

    /// Matches the pattern from one place on with the subject from another.
    fn follow(&mut self, at: usize, place: usize) -> Outcome {
        if self.depth == DEPTH_MAX {
            return Err(wrong("pattern too complex"));
        }
        self.depth += 1;
        let end = self.steps(at, place)?;
        self.depth -= 1;
        Ok(end)
    }

    fn steps(&mut self, mut at: usize, mut place: usize) -> Outcome {
        while place < self.pattern.len() {
            self.look(1)?;
            let next = self.sign(place + 1);
            let on = match self.sign(place) {
                b'(' if next == b')' => return self.open(at, place + 2, Capture::Position(at)),
                b'(' => return self.open(at, place + 1, Capture::Open(at)),
                b')' => return self.close(at, place + 1),
                b'$' if place + 1 == self.pattern.len() => {
                    return Ok((at == self.subject.len()).then_some(at));
                }
                b'%' if next == b'b' => self.balance(at, place + 2)?.map(|at| (at, place + 4)),
                b'%' if next == b'f' => self.frontier(at, place + 2)?.map(|place| (at, place)),
                b'%' if next.is_ascii_digit() => self.repeat(at, next)?.map(|at| (at, place + 2)),
                _ => match self.item(at, place)? {
                    Item::Over(end) => return Ok(end),
                    Item::On(at, place) => Some((at, place)),
                },
            };
            let Some(on) = on else { return Ok(None) };
            (at, place) = on;
        }
        Ok(Some(at))
    }

    /// One class with its suffix.
    fn item(&mut self, at: usize, place: usize) -> Result<Item, Fault> {
        let suffix = self.class_end(place)?;
        let fits = self.fits(at, place, suffix)?;
        Ok(match (self.sign(suffix), fits) {
            (b'*' | b'?' | b'-', false) => Item::On(at, suffix + 1),
            (_, false) => Item::Over(None),
            (b'?', true) => match self.follow(at + 1, suffix + 1)? {
                Some(end) => Item::Over(Some(end)),
                None => Item::On(at, suffix + 1),
            },
            (b'+', true) => Item::Over(self.most(at + 1, place, suffix)?),
            (b'*', true) => Item::Over(self.most(at, place, suffix)?),
            (b'-', true) => Item::Over(self.least(at, place, suffix)?),
            (_, true) => Item::On(at + 1, suffix),
        })
    }

    /// As many repetitions as there can be.
    fn most(&mut self, at: usize, place: usize, suffix: usize) -> Outcome {
        let mut end = at;
        while self.fits(end, place, suffix)? {
            end += 1;
        }
        loop {
            if let Some(end) = self.follow(end, suffix + 1)? {
                return Ok(Some(end));
            } else if end == at {
                return Ok(None);
            }
            end -= 1;
        }
    }

    /// As few repetitions as there must be.
    fn least(&mut self, mut at: usize, place: usize, suffix: usize) -> Outcome {
        loop {
            if let Some(end) = self.follow(at, suffix + 1)? {
                return Ok(Some(end));
            } else if !self.fits(at, place, suffix)? {
                return Ok(None);
            }
            at += 1;
        }
    }

    fn open(&mut self, at: usize, place: usize, capture: Capture) -> Outcome {
        if self.captures.len() == CAPTURES_MAX {
            return Err(wrong("too many captures"));
        }
        let level = self.captures.len();
        self.captures.push(capture);
        let end = self.follow(at, place)?;
        if end.is_none() {
            self.captures.truncate(level);
        }
        Ok(end)
    }

    fn close(&mut self, at: usize, place: usize) -> Outcome {
        let open = self.captures.iter().rposition(|capture| matches!(capture, Capture::Open(_)));
        let Some(level) = open else { return Err(wrong("invalid pattern capture")) };
        let capture = self.captures[level];
        if let Capture::Open(start) = capture {
            self.captures[level] = Capture::Text(start, at);
        }
        let end = self.follow(at, place)?;
        if end.is_none() {
            self.captures[level] = capture;
        }
        Ok(end)
    }

    /// `%1` to `%9`: what has been captured, once more.
    fn repeat(&mut self, at: usize, digit: u8) -> Outcome {
        let level = usize::from(digit).checked_sub(usize::from(b'1'));
        match level.and_then(|level| self.captures.get(level)) {
            Some(&Capture::Text(start, end)) => {
                self.look(end - start)?;
                let fits = self.subject[at..].starts_with(&self.subject[start..end]);
                Ok(fits.then_some(at + (end - start)))
            }
            // Luau takes a place for a text that is longer than any.
            Some(Capture::Position(_)) => Ok(None),
            Some(Capture::Open(_)) | None => {
                Err(Fault::Error(format!("invalid capture index %{}", i32::from(digit) - i32::from(b'0'))))
            }
        }
    }

    /// `%bxy`: from an `x` to the `y` that balances it.
    fn balance(&mut self, at: usize, place: usize) -> Outcome {
        if place + 1 >= self.pattern.len() {
            return Err(wrong("malformed pattern (missing arguments to '%b')"));
        }
        let (first, last) = (self.pattern[place], self.pattern[place + 1]);
        if self.subject.get(at).copied().unwrap_or(0) != first || at == self.subject.len() {
            return Ok(None);
        }
        let mut depth = 1u64;
        for place in at + 1..self.subject.len() {
            self.look(1)?;
            let byte = self.subject[place];
            if byte == last {
                depth -= 1;
                if depth == 0 {
                    return Ok(Some(place + 1));
                }
            } else if byte == first {
                depth += 1;
            }
        }
        Ok(None)
    }

    /// `%f[set]`: between a byte that is not in the set and one that is; the place in the pattern after it.
    fn frontier(&mut self, at: usize, place: usize) -> Outcome {
        if self.sign(place) != b'[' {
            return Err(wrong("missing '[' after '%f' in pattern"));
        }
        let end = self.class_end(place)?;
        let before = if at == 0 { 0 } else { self.subject[at - 1] };
        let after = self.subject.get(at).copied().unwrap_or(0);
        let passes = !self.in_set(before, place, end - 1)? && self.in_set(after, place, end - 1)?;
        Ok(passes.then_some(end))
    }

    /// Where the class that begins at a place of the pattern ends.
    fn class_end(&mut self, place: usize) -> Place {
        match self.sign(place) {
            b'%' if place + 1 >= self.pattern.len() => Err(wrong("malformed pattern (ends with '%')")),
            b'%' => Ok(place + 2),
            b'[' => self.set_end(place + 1),
            _ => Ok(place + 1),
        }
    }

    /// Where the set ends whose first byte after `[` is at a place. That byte is never its end.
    fn set_end(&mut self, mut place: usize) -> Place {
        let begin = place;
        if self.sign(place) == b'^' {
            place += 1;
        }
        loop {
            if place >= self.pattern.len() {
                return Err(wrong("malformed pattern (missing ']')"));
            }
            place += if self.pattern[place] == b'%' && place + 1 < self.pattern.len() { 2 } else { 1 };
            if self.sign(place) == b']' && place < self.pattern.len() {
                self.look(place - begin)?;
                return Ok(place + 1);
            }
        }
    }

    /// Whether the byte at a place of the subject is of the class between two places of the pattern.
    fn fits(&mut self, at: usize, place: usize, suffix: usize) -> Result<bool, Fault> {
        self.look(1)?;
        let Some(&byte) = self.subject.get(at) else { return Ok(false) };
        match self.sign(place) {
            b'.' => Ok(true),
            b'%' => Ok(in_class(byte, self.sign(place + 1))),
            b'[' => self.in_set(byte, place, suffix - 1),
            sign => Ok(sign == byte),
        }
    }

    /// Whether a byte is in the set between two places of the pattern: those of its `[` and its `]`.
    fn in_set(&mut self, byte: u8, mut place: usize, end: usize) -> Result<bool, Fault> {
        self.look(end - place)?;
        let wanted = self.sign(place + 1) != b'^';
        if !wanted {
            place += 1;
        }
        place += 1;
        while place < end {
            let is_in = if self.sign(place) == b'%' {
                place += 1;
                in_class(byte, self.sign(place))
            } else if self.sign(place + 1) == b'-' && place + 2 < end {
                place += 2;
                (self.sign(place - 2)..=self.sign(place)).contains(&byte)
            } else {
                self.sign(place) == byte
            };
            if is_in {
                return Ok(wanted);
            }
            place += 1;
        }
        Ok(!wanted)
    }
}

fn wrong(message: &str) -> Fault {
    Fault::Error(message.to_owned())
}

/// What became of one class and its suffix.
enum Item {
    /// The match goes on in the subject and the pattern at these places.
    On(usize, usize),
    /// The match ended there, or failed.
    Over(Option<usize>),
}

/// Whether a byte is of the class that a letter names; any other sign stands for itself.
fn in_class(byte: u8, class: u8) -> bool {
    let is_in = match class.to_ascii_lowercase() {
        b'a' => byte.is_ascii_alphabetic(),
        b'c' => byte.is_ascii_control(),
        b'd' => byte.is_ascii_digit(),
        b'g' => byte.is_ascii_graphic(),
        b'l' => byte.is_ascii_lowercase(),
        b'p' => byte.is_ascii_punctuation(),
        // As in C: with the vertical tab.
        b's' => matches!(byte, b'\t'..=b'\r' | b' '),
        b'u' => byte.is_ascii_uppercase(),
        b'w' => byte.is_ascii_alphanumeric(),
        b'x' => byte.is_ascii_hexdigit(),
        b'z' => byte == 0,
        _ => return byte == class,
    };
    is_in == class.is_ascii_lowercase()
}
