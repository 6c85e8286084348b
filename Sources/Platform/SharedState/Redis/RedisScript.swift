import Kernel

/// A Lua script that Redis runs as one step, found there by the SHA-1 of its text.
struct RedisScript: Sendable {
    let text: String
    let hash: String

    private init(_ text: String) {
        self.text = text
        hash = Digest.sha1(text.utf8).hexadecimal
    }

    /// Adds ARGV[1] to a counter that would leave the numbers of 64 bits, and stops it at their end.
    static let clampedIncrement = RedisScript(
        """
        local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
        if type(sum) == 'table' then
            if not string.find(sum.err, 'overflow', 1, true) then return sum end
            local isDown = string.sub(ARGV[1], 1, 1) == '-'
            redis.call('SET', KEYS[1], isDown and '-9223372036854775808' or '9223372036854775807', 'KEEPTTL')
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[2], 'NX')
        return redis.call('GET', KEYS[1])
        """
    )

    /// ``SlidingWindow`` with Redis' clock. ARGV: limit, length of a slice in ms, slices. The key holds the length of a
    /// slice and then index and count of each slice that granted something. Answers whether it is allowed, permits
    /// taken, and the milliseconds until the next permit and until all are back.
    static let rateLimit = RedisScript(
        """
        local limit, slice, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local index = math.floor(now / slice)
        local stored = redis.call('GET', KEYS[1])
        local old = stored and cmsgpack.unpack(stored) or {slice}
        if old[1] ~= slice or (#old > 1 and old[#old - 1] > index) then old = {slice} end
        local kept, total = {slice}, 0
        for i = 2, #old, 2 do
            if old[i] >= index - slices then
                kept[#kept + 1] = old[i]
                kept[#kept + 1] = old[i + 1]
                total = total + old[i + 1]
            end
        end
        local function back(i) return (i + slices + 1) * slice - now end
        local allowed = total < limit and 1 or 0
        if allowed == 1 then
            total = total + 1
            if #kept > 1 and kept[#kept - 1] == index then
                kept[#kept] = kept[#kept] + 1
            else
                kept[#kept + 1] = index
                kept[#kept + 1] = 1
            end
            redis.call('SET', KEYS[1], cmsgpack.pack(kept), 'PX', string.format('%.0f', back(index)))
        end
        local all = #kept > 1 and back(kept[#kept - 1]) or 0
        local wait = 0
        if total >= limit then
            wait = #kept > 1 and all or slice * slices
            local sum = 0
            for i = 2, #kept, 2 do
                sum = sum + kept[i + 1]
                if sum >= total - limit + 1 then
                    wait = back(kept[i])
                    break
                end
            end
        end
        return {allowed, total, wait, all}
        """
    )

    /// ``BudgetWindows`` with Redis' clock. ARGV: slices of a window, then name, amount, limit and length of a slice in
    /// ms of each claim. The key holds, by name, what ``rateLimit`` keeps. Answers whether all was taken, the
    /// milliseconds until it may be, the moment, and what is used of each.
    static let reserve = RedisScript(
        """
        local slices = tonumber(ARGV[1])
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local stored = redis.call('GET', KEYS[1])
        local windows = stored and cmsgpack.unpack(stored) or {}
        local wait, totals = 0, {}
        for i = 2, #ARGV, 4 do
            local name, amount, limit, slice = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
            local index = math.floor(now / slice)
            local old = windows[name] or {slice}
            if old[1] ~= slice or (#old > 1 and old[#old - 1] > index) then old = {slice} end
            local kept, total = {slice}, 0
            for j = 2, #old, 2 do
                if old[j] >= index - slices then
                    kept[#kept + 1] = old[j]
                    kept[#kept + 1] = old[j + 1]
                    total = total + old[j + 1]
                end
            end
            windows[name] = kept
            totals[#totals + 1] = total
            local missing = total + amount - limit
            if amount > 0 and missing > 0 then
                local sum = 0
                for j = 2, #kept, 2 do
                    sum = sum + kept[j + 1]
                    if sum >= missing or j == #kept - 1 then
                        wait = math.max(wait, (kept[j] + slices + 1) * slice - now)
                        break
                    end
                end
            end
        end
        local granted = wait == 0 and 1 or 0
        if granted == 1 then
            for i = 2, #ARGV, 4 do
                local amount, kept = tonumber(ARGV[i + 1]), windows[ARGV[i]]
                local index = math.floor(now / kept[1])
                if amount > 0 then
                    if #kept > 1 and kept[#kept - 1] == index then
                        kept[#kept] = kept[#kept] + amount
                    else
                        kept[#kept + 1] = index
                        kept[#kept + 1] = amount
                    end
                    local place = (i + 2) / 4
                    totals[place] = totals[place] + amount
                end
            end
        end
        local last = 0
        for _, kept in pairs(windows) do
            if #kept > 1 then last = math.max(last, (kept[#kept - 1] + slices + 1) * kept[1] - now) end
        end
        if last > 0 then redis.call('SET', KEYS[1], cmsgpack.pack(windows), 'PX', string.format('%.0f', last)) end
        local answer = {granted, wait, now}
        for _, total in ipairs(totals) do answer[#answer + 1] = total end
        return answer
        """
    )

    /// Changes what ``reserve`` took. ARGV: slices of a window, the moment of the reservation, then name and amount of
    /// each change.
    static let correct = RedisScript(
        """
        local stored = redis.call('GET', KEYS[1])
        if not stored then return 0 end
        local windows, moment = cmsgpack.unpack(stored), tonumber(ARGV[2])
        for i = 3, #ARGV, 2 do
            local old = windows[ARGV[i]]
            local index = old and math.floor(moment / old[1])
            local kept = old and {old[1]}
            for j = 2, old and #old or 0, 2 do
                local count = old[j + 1]
                if old[j] == index then count = math.max(0, count + tonumber(ARGV[i + 1])) end
                if count > 0 then
                    kept[#kept + 1] = old[j]
                    kept[#kept + 1] = count
                end
            end
            windows[ARGV[i]] = kept
        end
        redis.call('SET', KEYS[1], cmsgpack.pack(windows), 'KEEPTTL')
        return 1
        """
    )

    /// Takes a lock that is free. KEYS: the lock, the last fence. The fence is never less than the microseconds of
    /// Redis' clock, so it grows also after the last one was lost with everything else.
    static let lock = RedisScript(
        """
        if redis.call('EXISTS', KEYS[1]) == 1 then return false end
        local time = redis.call('TIME')
        local last = tonumber(redis.call('GET', KEYS[2]) or '0')
        local fence = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
        redis.call('SET', KEYS[2], fence)
        redis.call('SET', KEYS[1], fence, 'PX', ARGV[1])
        return fence
        """
    )

    /// Prolongs the lock whose fence is ARGV[1].
    static let extend = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """
    )

    /// Gives back the lock whose fence is ARGV[1].
    static let unlock = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """
    )
}
