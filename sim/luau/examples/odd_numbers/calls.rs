//! Calls of Luau's library with numbers at and beyond the edges of their types.

/// Written into the source, so that the compiler may compute with them, too.
const NUMBERS: [&str; 26] = [
    "0",
    "-0",
    "1",
    "-1",
    "2.5",
    "-2.5",
    "31",
    "32",
    "33",
    "-32",
    "64",
    "255",
    "256",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "1099511627776",
    "9007199254740993",
    "9223372036854775808",
    "-9223372036854775808",
    "1e300",
    "-1e300",
];

/// The same, which have no literal.
const EXPRESSIONS: [&str; 3] = ["0/0", "1/0", "-1/0"];

/// A call with one odd number, for `X`.
const ONE: [&str; 44] = [
    "bit32.band(X)",
    "bit32.bnot(X)",
    "bit32.countlz(X)",
    "bit32.countrz(X)",
    "bit32.byteswap(X)",
    "bit32.extract(0x12345678, X)",
    "bit32.lshift(1, X)",
    "bit32.rshift(-1, X)",
    "bit32.arshift(-1, X)",
    "bit32.lrotate(0x12345678, X)",
    "bit32.rrotate(0x12345678, X)",
    "math.floor(X)",
    "math.ceil(X)",
    "math.round(X)",
    "math.abs(X)",
    "math.sign(X)",
    "math.sqrt(X)",
    "math.modf(X)",
    "math.frexp(X)",
    "math.ldexp(1, X)",
    "math.clamp(X, -1, 1)",
    "math.noise(X)",
    "math.fmod(X, 3)",
    "X % 3",
    "X // 3",
    "string.sub('abcdef', X)",
    "string.byte('abcdef', X)",
    "string.char(X)",
    "string.rep('a', math.min(X, 9))",
    "string.find('abcdef', 'c', X)",
    "string.format('%d', X)",
    "string.format('%x', X)",
    "string.format('%c', X)",
    "string.format('%.3g', X)",
    "string.format('%5.1f', X)",
    "tostring(X)",
    "tonumber('z', X)",
    "select(X, 'a', 'b', 'c')",
    "table.unpack({1, 2, 3}, X, 3)",
    "utf8.char(X)",
    "utf8.codepoint('abc', X)",
    "buffer.readi8(buffer.fromstring('abc'), X)",
    "#table.create(math.min(X, 9))",
    "os.date('!%j', X)",
];

/// A call with two, for `X` and `Y`.
const TWO: [&str; 16] = [
    "bit32.bxor(X, Y)",
    "bit32.lshift(X, Y)",
    "bit32.arshift(X, Y)",
    "bit32.rrotate(X, Y)",
    "bit32.extract(X, Y)",
    "bit32.replace(X, Y, 3)",
    "bit32.extract(0x12345678, X, Y)",
    "math.fmod(X, Y)",
    "math.pow(X, Y)",
    "math.max(X, Y)",
    "math.log(X, Y)",
    "X % Y",
    "X // Y",
    "string.sub('abcdef', X, Y)",
    "string.byte('abcdef', X, Y)",
    "utf8.len('abcdef', X, Y)",
];

/// How many calls there are.
pub(crate) const COUNT: usize = ALL * ONE.len() + PAIRS * TWO.len();

const ALL: usize = NUMBERS.len() + EXPRESSIONS.len();

/// Of the pairs of numbers, those that are tried.
const PAIRS: usize = 150;

/// A script that prints what each call gives: once as the compiler sees all of it, and once as it cannot.
pub(crate) fn script() -> String {
    let number = |place: usize| NUMBERS.iter().chain(&EXPRESSIONS).nth(place % ALL).expect("there are so many");
    let one = (0..ALL).flat_map(|x| ONE.map(|call| (call, number(x), number(x))));
    // Coprime to the number of numbers, so that the pairs differ.
    let two = (0..PAIRS).flat_map(|pair| TWO.map(|call| (call, number(pair), number(pair * 7 + pair / ALL))));
    let calls: Vec<String> = one.chain(two).map(|(call, x, y)| line(call, x, y)).collect();
    let parts = calls.chunks(100).map(|part| format!("(function()\n{}\nend)()\n", part.join("\n")));
    format!("{HEAD}{}", parts.collect::<Vec<_>>().join("task.wait(1);"))
}

/// Raises if the two ways differ; errors count as what they say, without their place.
const HEAD: &str = "\
local function text(ok, ...)
\tif not ok then return 'error: ' .. string.gsub(..., '^.-:%d+: ', '') end
\tlocal all = table.pack(...)
\tfor place = 1, all.n do all[place] = string.sub(string.format('%q', tostring(all[place])), 1, 40) end
\treturn table.concat(all, ' ')
end
local function try(call, folded, plain, x, y)
\tlocal one, other = text(pcall(folded)), text(pcall(plain, x, y))
\tprint(call, one)
\tif one ~= other then print('DIFFERENT', call, other) end
end
";

fn line(call: &str, x: &str, y: &str) -> String {
    let folded = call.replace('X', &format!("({x})")).replace('Y', &format!("({y})"));
    format!(
        "try([[{folded}]], function() return {folded} end, function(X, Y) return {call} end, tonumber({x}), tonumber({y}))"
    )
}
