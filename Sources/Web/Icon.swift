/// Line drawings of 24 × 24, drawn in the colour of the text around them. They say nothing to a screen reader: a word
/// always stands beside.
package enum Icon: String, CaseIterable, Sendable {
    case alert = "M12 4 2.5 20h19L12 4Zm0 6v4.5m0 2.8v.2"
    case arrowLeft = "M19 12H5m6-6-6 6 6 6"
    case arrowRight = "M5 12h14m-6-6 6 6-6 6"
    case book = "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3V4Zm0 13a3 3 0 0 1 3-3h11"
    case check = "m4.5 12.5 5 5 10-11"
    case clock = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 8v4.5l3 2"
    case copy = "M9 9h11v11H9V9Zm-5 6V4h11"
    case cross = "m6 6 12 12M18 6 6 18"
    case face = "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8.3 14c1.7 2.8 5.7 2.8 7.4 0M9 9.6v.1m6-.1v.1"
    case gauge = "M4 17a8.5 8.5 0 1 1 16 0m-8-1 4-6"
    case list = "M9 6h11M9 12h11M9 18h11M4.5 6h.1m-.1 6h.1m-.1 6h.1"
    case lock = "M6 11h12v9H6v-9Zm2.5 0V8a3.5 3.5 0 0 1 7 0v3"
    case minus = "M6 12h12"
    case pause = "M8.5 5v14m7-14v14"
    case picture = "M4 5h16v14H4V5Zm0 11 5-5 4 4 3-3 4 4M15.5 9h.1"
    case repeatArrow = "M5 11a7 7 0 0 1 12.5-3.5L20 10m0-5v5h-5m4 3a7 7 0 0 1-12.5 3.5L4 14m0 5v-5h5"
    case search = "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm4.8 11.3L20.5 20.5"
    case tag = "M4 4h8l8 8-8 8-8-8V4Zm4.5 4.4v.2"
    case theme = "M12 4a8 8 0 1 0 0 16V4Zm0 0a8 8 0 0 1 0 16"
    case tray = "M12 4v9m-4-4 4 4 4-4M4 14.5V20h16v-5.5h-5l-1 2h-4l-1-2H4Z"
    case translate = "M3.5 6h9M8 4v2m3 0c-.8 4-3.3 7-7 8.5M5.5 9c1 2.5 3 4.3 5.5 5M12 20l4.3-10h.4L21 20m-7.5-3.5h6"
    case trash = "M5 7h14M10 7V4.5h4V7m-7.5 0 .8 13h9.4l.8-13M10.5 11v5.5m3-5.5v5.5"
    case upload = "M12 16V5m-4.5 4.5L12 5l4.5 4.5M4 15.5V20h16v-4.5"
    case user = "M12 4.5a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6ZM4.5 20c.7-3.8 3.5-5.5 7.5-5.5s6.8 1.7 7.5 5.5"

    package var html: HTML {
        "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"\(rawValue)\"/></svg>"
    }
}
