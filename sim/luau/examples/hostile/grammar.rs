//! Hostile scripts from a small grammar: something that costs work or memory, again and again, in all the places where a
//! game's code can run.

/// Where the code stands: `BODY` is a loop, and `NEXT` what it does each time.
const PLACES: [&str; 17] = [
    "BODY",
    "task.spawn(function() BODY end)",
    "task.defer(function() BODY end)",
    "task.delay(1, function() BODY end)",
    "game:GetService('RunService').Heartbeat:Connect(function() BODY end)",
    "game:GetService('Players').PlayerAdded:Connect(function(player) BODY end)",
    "game:GetService('Players').PlayerRemoving:Connect(function(player) BODY end)",
    "game:BindToClose(function() BODY end)",
    "store:UpdateAsync('key', function(old) BODY return 1 end)",
    "pcall(function() messages:SubscribeAsync('topic', function() BODY end) messages:PublishAsync('topic', 1) end)",
    "local object = setmetatable({}, {__index = function() BODY end}) print(object.field)",
    "local object = setmetatable({}, {__tostring = function() BODY return 'x' end}) print(object)",
    "table.sort({3, 2, 1}, function(one, two) BODY return one < two end)",
    "string.gsub('abc', '.', function() BODY end)",
    "coroutine.wrap(function() coroutine.wrap(function() BODY end)() end)()",
    "local event = Instance.new('BindableEvent') event.Event:Connect(function() BODY end) event:Fire()",
    "local ok, problem = xpcall(function() error('on purpose') end, function() BODY end)",
];

/// How often.
const LOOPS: [&str; 12] = [
    "while true do NEXT end",
    "while true do pcall(function() NEXT end) end",
    "while true do xpcall(function() NEXT end, function() NEXT end) end",
    "for turn = 1, 1e9 do NEXT end",
    "local function again() NEXT again() end again()",
    "local function again() NEXT task.spawn(again) end again()",
    "local function again() NEXT task.defer(again) end again()",
    "while true do task.spawn(function() NEXT end) end",
    "while true do task.delay(1e6, function() NEXT end) NEXT end",
    "for thread = 1, 400 do task.spawn(function() while true do pcall(function() NEXT end) end end) end",
    "repeat NEXT until not task.wait()",
    "while true do coroutine.wrap(function() NEXT coroutine.yield() end)() end",
];

/// What.
const CALLS: [&str; 72] = [
    "",
    "n += 1",
    "kept[#kept + 1] = string.rep('x', 100000) .. #kept",
    "kept[#kept + 1] = table.create(10000, n)",
    "kept[#kept + 1] = {}",
    "kept[{}] = function() return kept end",
    "kept = {kept, kept}",
    "kept[#kept + 1] = coroutine.create(function() end)",
    "kept[#kept + 1] = buffer.create(100000)",
    "local text = big .. n",
    "string.rep(big, 20)",
    "string.find(big, 'ab', 1, true)",
    "string.find(big, '.-.-b')",
    "string.find(parens, '%b()')",
    "string.match(big, '(a*)(a*)(a*)b')",
    "string.gsub(big, 'a', '%0%0')",
    "string.gsub(big, 'a*', {})",
    "for _ in string.gmatch(big, 'a') do end",
    "string.split(big, '')",
    "string.split(big, 'aaaaaaaaab')",
    "string.format('%q%s', big, big)",
    "string.upper(string.lower(string.reverse(big)))",
    "string.sub(big, 2)",
    "string.byte(big, 1, 4000)",
    "string.pack('s4', big)",
    "tonumber(digits)",
    "tostring({})",
    "utf8.len(big)",
    "for _ in utf8.codes(big) do end",
    "table.insert(list, 1, 1)",
    "table.remove(list, 1)",
    "table.find(list, -1)",
    "table.concat(list, ',')",
    "table.sort(list)",
    "table.move(list, 1, #list, 2)",
    "table.clone(list)",
    "table.unpack(list, 1, 4000)",
    "table.clear(table.create(10000, 1))",
    "for _ in list do end",
    "for _ in table.create(100000) do end",
    "buffer.fill(bytes, 0, 1)",
    "buffer.tostring(bytes)",
    "buffer.copy(bytes, 1, bytes, 0, 100000)",
    "error(big)",
    "error({})",
    "local x = nil + 1",
    "local x = big < big .. 'b'",
    "debug.traceback(big)",
    "print(big)",
    "warn(n)",
    "store:SetAsync('key' .. n, n) n += 1",
    "store:SetAsync('key', big)",
    "store:SetAsync('key', list)",
    "store:SetAsync('key', table.create(1000, big))",
    "store:SetAsync('key', {kept, kept})",
    "store:GetAsync('key' .. n)",
    "store:UpdateAsync('key', function(old) return (old or 0) + 1 end)",
    "store:IncrementAsync('count')",
    "store:RemoveAsync('key')",
    "store:ListKeysAsync()",
    "messages:PublishAsync('topic', 'text')",
    "messages:SubscribeAsync('topic' .. n, print) n += 1",
    "map:SetAsync('key' .. n, string.rep('x', 1000), 60) n += 1",
    "map:UpdateAsync('key', function() return 1 end, 60)",
    "map:GetRangeAsync(Enum.SortDirection.Ascending, 100)",
    "http:JSONEncode(list)",
    "http:JSONDecode(json)",
    "http:GenerateGUID()",
    "http:UrlEncode(big)",
    "Instance.new('Folder', workspace)",
    "workspace:SetAttribute('name' .. n, big) n += 1",
    "game:GetService('CollectionService'):AddTag(workspace, 'tag' .. n) n += 1",
];

/// What all of them have at hand.
const BEGIN: &str = "
local store = game:GetService('DataStoreService'):GetDataStore('PlayerData')
local messages = game:GetService('MessagingService')
local map = game:GetService('MemoryStoreService'):GetSortedMap('map')
local http = game:GetService('HttpService')
local n, kept = 0, {}
local big, parens, digits = string.rep('a', 300000), string.rep('(', 300000), string.rep('1', 300000)
local list, bytes = table.create(30000, 1), buffer.create(300000)
local json = http:JSONEncode(table.create(10000, {a = 1}))
";

/// How many there are.
pub(crate) const SCRIPTS: usize = PLACES.len() * LOOPS.len() * CALLS.len();

/// One of them: a line that says what it is, and its source.
pub(crate) fn script(number: usize) -> (String, String) {
    let place = PLACES[number % PLACES.len()];
    let repeat = LOOPS[number / PLACES.len() % LOOPS.len()];
    let call = CALLS[number / PLACES.len() / LOOPS.len() % CALLS.len()];
    let body = place.replace("BODY", &repeat.replace("NEXT", call));
    (body.clone(), format!("{BEGIN}{body}\n"))
}
