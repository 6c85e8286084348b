"""Pictures with words, and their translations."""

import base64
import io

from PIL import Image, ImageDraw, ImageFont

BOLD = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"


def sign(text, width=800, height=300):
    picture = Image.new("RGB", (width, height), (240, 240, 230))
    ImageDraw.Draw(picture).text((50, 100), text, font=ImageFont.truetype(BOLD, 44), fill=(20, 20, 60))
    data = io.BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()


def translated(request, text):
    """The id of a finished task with one sign."""
    picture = base64.b64encode(sign(text)).decode()
    begun = request.post(
        "/api/v1/translate", data={"target_language": "es", "images": [{"data": picture, "name": "sign.png"}]}
    ).json()
    result = request.get(f"/api/v1/translate/result/{begun['task_id']}?since=0").json()
    assert result["success"], result
    return begun["task_id"]
