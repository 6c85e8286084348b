/// The names of colours that filters understand.
package enum Colors {
    /// The name under which a colour is kept, for a name in English or Chinese; other names stay as they are.
    package static func canonical(_ name: String) -> String { names[name] ?? name }

    private static let names = [
        "grey": "gray", "violet": "purple", "红": "red", "红色": "red", "橙": "orange", "橙色": "orange", "黄": "yellow",
        "黄色": "yellow", "绿": "green", "绿色": "green", "青": "cyan", "青色": "cyan", "蓝": "blue", "蓝色": "blue",
        "紫": "purple", "紫色": "purple", "粉": "pink", "粉色": "pink", "粉红": "pink", "棕": "brown", "棕色": "brown",
        "黑": "black", "黑色": "black", "白": "white", "白色": "white", "灰": "gray", "灰色": "gray",
    ]
}
