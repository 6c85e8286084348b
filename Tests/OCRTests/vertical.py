"""Draws signs whose words stand in columns, and some that only look so, into the folder named."""
import pathlib
import random
import sys

from PIL import Image, ImageDraw, ImageFont

CHINESE = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
LATIN = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"


def column(draw, place, text, size, ink="black", face=CHINESE):
    font = ImageFont.truetype(face, size)
    for number, character in enumerate(text):
        draw.text((place[0], place[1] + number * size * 1.08), character, font=font, fill=ink)


def sheet(name, size, ground="white"):
    image = Image.new("RGB", size, ground)
    images[name] = image
    return ImageDraw.Draw(image)


def line(draw, place, text, size, face=CHINESE):
    draw.text(place, text, font=ImageFont.truetype(face, size), fill="black")


images = {}
texts = ["今天天气很好我们去公园", "他在图书馆看书学习中文", "请不要在这里停车谢谢"]
draw = sheet("three", (600, 700))
for number, text in enumerate(texts):
    column(draw, (480 - number * 90, 60), text, 44)
column(sheet("one", (300, 600)), (120, 60), "请勿吸烟注意安全", 48)
column(sheet("bright", (300, 600), "#203040"), (120, 60), "请勿吸烟注意安全", 48, "white")
column(sheet("small", (200, 300)), (90, 20), "请勿吸烟注意安全", 24)
draw = sheet("mixed", (800, 600))
column(draw, (640, 60), "请勿吸烟注意安全", 48)
line(draw, (60, 80), "No smoking here", 40, LATIN)
line(draw, (60, 160), "Thank you very much", 40, LATIN)
draw = sheet("level", (700, 420))
for number, text in enumerate(texts):
    line(draw, (40, 60 + number * 80), text, 44)
draw = sheet("dense", (700, 320))
for number, text in enumerate(texts):
    line(draw, (40, 40 + number * 54), text, 44)
images["side"] = images["level"].rotate(90, expand=True)
column(sheet("latin", (200, 620)), (80, 40), "HOTEL BAR", 56, face=LATIN)
draw = sheet("numbers", (300, 600))
for number in range(9):
    line(draw, (80, 40 + number * 58), f"{17 + number * 7}", 44, LATIN)
draw = sheet("english", (800, 500))
for number, text in enumerate(["Seven green apples", "tasted sweet in the", "garden of the house", "where nobody lived"]):
    line(draw, (40, 50 + number * 100), text, 48, LATIN)
more = ["今日はとても天気がいいですね", "店内でお召し上がりですか", "明日の会議は午後三時からです", "東京駅まで歩いて十分です",
        "新しい冒険が始まる"]
draw = sheet("lines", (760, 520))
for number, text in enumerate(more):
    line(draw, (40, 40 + number * 90), text, 44)
draw = sheet("columns", (600, 760))
for number, text in enumerate(more):
    column(draw, (500 - number * 100, 40), text, 44)
draw = sheet("texture", (600, 600), "#806040")
chance = random.Random(3)
for _ in range(900):
    x, y = chance.randrange(600), chance.randrange(600)
    draw.line((x, y, x + chance.randint(-30, 30), y + chance.randint(-30, 30)), fill="#c0a080", width=chance.randint(1, 5))
for name, image in images.items():
    image.save(pathlib.Path(sys.argv[1]) / f"{name}.png")
