#!/bin/sh
# Make the fonts of this folder again: sh subset.sh FOLDER_OF_NOTO_FONTS
# Needs pyftsubset (fonttools). See README.txt.
set -eu
from=$1
here=$(dirname "$0")

# Latin with the letters of Europe, Vietnam and West Africa and with those that write
# Arabic in Latin, Cyrillic, marks, punctuation, euro.
latin="U+0020-007E,U+00A0-017F,U+0181,U+0186,U+018A,U+0190,U+0192,U+0198-0199,U+019D"
latin="$latin,U+01A0-01A1,U+01AF-01B0,U+01B3-01B4,U+0253-0254,U+0257,U+025B,U+0272"
latin="$latin,U+0218-021B,U+0259,U+02BB-02BC,U+02C6-02C7"
latin="$latin,U+02D8-02DD,U+0300-0304,U+0306-030C,U+031B,U+0323,U+0326-0328"
latin="$latin,U+1E0C-1E0D,U+1E24-1E25,U+1E44-1E45,U+1E62-1E63,U+1E6C-1E6D,U+1E92-1E93"
latin="$latin,U+1E9E,U+1EA0-1EF9"
cyrillic="U+0400-045F,U+0490-0493,U+0498-0499,U+04A2-04A3,U+04AE-04B1,U+04D8-04D9"
signs="U+2009-2011,U+2013-2015,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,U+202F"
signs="$signs,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2116,U+2122,U+2212"
arabic="U+0020-0021,U+0028-002F,U+003A,U+00A0,U+00AB,U+00BB,U+0600-06FF,U+0750-077F"
arabic="$arabic,U+200B-200F,U+FB50-FDFF,U+FE70-FEFC"

# No ligatures in Latin: a font of form fields names its glyphs by single letters, and
# a reader of the page would lose every "fi".
for weight in Regular Bold; do
    pyftsubset "$from/NotoSans-$weight.ttf" --no-hinting --layout-features=kern,mark,mkmk \
        --unicodes="$latin,$cyrillic,$signs" \
        --output-file="$here/NotoSans-$weight.ttf"
    pyftsubset "$from/NotoSansArabic-$weight.ttf" --no-hinting \
        --unicodes="$arabic" --output-file="$here/NotoSansArabic-$weight.ttf"
done
