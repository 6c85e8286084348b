/// A feeling that memes are looked for by, with the words for it in English and Chinese.
package struct Emotion: Hashable, Sendable {
    /// The English name under which it is kept.
    package let name: String
    fileprivate let english: [String]
    fileprivate let chinese: [String]

    /// All of them, by name.
    package static let all: [Emotion] = table.map { name, english, chinese in
        Emotion(
            name: name,
            english: [name] + english.split(separator: " ").map(String.init),
            chinese: chinese.split(separator: " ").map(String.init),
        )
    }

    /// The emotion that a word in English or Chinese names, whatever its case or ending.
    package static func named(_ word: String) -> Emotion? {
        let folded = TextFolding.folded(word)
        return byChinese[folded] ?? byStem[englishStem(folded)]
    }

    /// The emotions that a folded text has words for, in the order of the table.
    static func all(in folded: String) -> [Emotion] {
        var found: Set<Emotion> = []
        for word in folded.split(separator: " ") {
            if word.unicodeScalars.first?.isCJK == true {
                for (name, emotion) in byChinese where word.contains(name) { found.insert(emotion) }
            } else if let emotion = byStem[englishStem(String(word))] {
                found.insert(emotion)
            }
        }
        return found.isEmpty ? [] : all.filter(found.contains)
    }

    private static let byStem: [String: Emotion] = Dictionary(
        all.flatMap { emotion in emotion.english.map { (englishStem($0), emotion) } },
        uniquingKeysWith: { first, _ in first },
    )
    private static let byChinese: [String: Emotion] = Dictionary(
        all.flatMap { emotion in emotion.chinese.map { ($0, emotion) } },
        uniquingKeysWith: { first, _ in first },
    )
}

private let table: [(String, String, String)] = [
    ("admiring", "admire awe respect impressed amazing", "佩服 膜拜 崇拜 敬佩 牛逼"),
    ("affectionate", "love hug cuddle kiss adore darling", "爱你 抱抱 亲亲 喜欢 贴贴 比心"),
    ("amused", "laugh lol haha funny hilarious giggle lmao", "哈哈 好笑 笑死 搞笑 偷笑"),
    ("angry", "mad rage furious anger annoyed irritated", "生气 愤怒 气死 恼火 发火 怒"),
    ("anxious", "nervous worry worried stress stressed panic", "焦虑 紧张 担心 着急 慌"),
    ("apologetic", "sorry apology apologise apologize forgive", "对不起 抱歉 道歉 不好意思"),
    ("ashamed", "shame embarrassed embarrassment awkward cringe blush", "尴尬 羞耻 丢脸 社死 害羞"),
    ("begging", "please beg pleading", "求求 拜托 求你 恳求"),
    ("bored", "boring dull boredom", "无聊 没意思 乏味"),
    ("calm", "relaxed chill peaceful zen serene", "淡定 冷静 佛系 平静"),
    ("comforting", "comfort console support cheer", "安慰 摸摸头 别哭 没事的"),
    ("confident", "proud boss swagger winner pride", "自信 骄傲 得意 自豪"),
    ("confused", "confusion puzzled baffled huh bewildered", "疑惑 困惑 懵 迷茫 问号 不懂"),
    ("contemptuous", "contempt scorn disdain smirk mocking", "鄙视 不屑 嘲讽 看不起 呵呵"),
    ("crying", "cry sob tears weep", "哭 流泪 大哭 泪目 呜呜"),
    ("curious", "wonder interested nosy intrigued", "好奇 吃瓜 围观 想知道"),
    ("dead", "dying rip corpse", "去世 死了 凉了 裂开"),
    ("defeated", "surrender hopeless give-up despair doomed", "绝望 投降 认输 放弃 崩溃"),
    ("determined", "fight fighting focus effort", "加油 努力 奋斗 冲鸭 坚持"),
    ("disappointed", "letdown disappointment sigh", "失望 无奈 唉 叹气"),
    ("disgusted", "gross disgust eww yuck nasty", "恶心 嫌弃 呕 想吐"),
    ("envious", "jealous envy jealousy", "羡慕 嫉妒 酸了 柠檬精"),
    ("excited", "hype thrilled excitement yay woohoo", "激动 兴奋 期待 太好了"),
    ("flirty", "wink flirt seductive tease", "撩 抛媚眼 调戏 诱惑"),
    ("frustrated", "frustration ugh fed-up facepalm", "烦 烦躁 抓狂 捂脸 郁闷"),
    ("grateful", "thanks thank gratitude appreciate", "谢谢 感谢 感恩 多谢"),
    ("greeting", "hello hi bye welcome goodbye", "你好 早安 晚安 再见 拜拜"),
    ("happy", "joy glad cheerful delighted smile", "开心 快乐 高兴 幸福 喜悦"),
    ("hopeful", "hope optimistic wish", "希望 但愿 盼望 祈祷"),
    ("hungry", "starving hunger craving snack", "饿 想吃 馋 干饭 肚子饿"),
    ("innocent", "cute adorable sweet puppy-eyes", "可爱 萌 无辜 乖巧 卖萌"),
    ("lazy", "procrastinate slack slacking couch", "懒 摆烂 躺平 摸鱼 拖延"),
    ("lonely", "alone loneliness single isolated", "孤独 寂寞 单身 一个人"),
    ("nostalgic", "nostalgia memories childhood", "怀念 回忆 童年 怀旧"),
    ("refusing", "refuse nope reject decline", "拒绝 不要 不行 达咩 不约"),
    ("sad", "sadness unhappy gloomy depressed heartbroken", "难过 伤心 悲伤 委屈 心碎 emo"),
    ("sarcastic", "sarcasm irony ironic eyeroll", "阴阳怪气 讽刺 反话 翻白眼"),
    ("scared", "fear afraid terrified scary horror", "害怕 恐惧 吓死 惊恐 怕"),
    ("sick", "ill flu headache fever", "生病 头疼 不舒服 发烧"),
    ("smug", "sly sneaky evil scheming", "奸笑 坏笑 阴险 邪恶 滑稽"),
    ("speechless", "silent deadpan", "无语 沉默 冷漠 面无表情"),
    ("surprised", "shock shocked surprise wow omg stunned", "惊讶 震惊 吃惊 哇 天哪"),
    ("suspicious", "doubt suspect skeptical sus squint", "怀疑 质疑 可疑 真的吗"),
    ("tired", "exhausted sleepy weary fatigue drained sleep", "累 疲惫 困 好困 想睡 熬夜"),
]
