//! Figures drawn pixel by pixel, for the few signs that stand in pictures: colours in hexadecimal, shares
//! and numbers. A font would be a dependency for twenty signs.

use image::{Rgb, RgbImage};

/// Pixels of the picture for each of the glyph.
const SCALE: u32 = 2;
const WIDTH: u32 = 5;

/// Seven rows of five bits, the highest at the left.
fn rows(sign: char) -> [u8; 7] {
    match sign {
        '0' => [14, 17, 19, 21, 25, 17, 14],
        '1' => [4, 12, 4, 4, 4, 4, 14],
        '2' => [14, 17, 1, 2, 4, 8, 31],
        '3' => [31, 2, 4, 2, 1, 17, 14],
        '4' => [2, 6, 10, 18, 31, 2, 2],
        '5' => [31, 16, 30, 1, 1, 17, 14],
        '6' => [6, 8, 16, 30, 17, 17, 14],
        '7' => [31, 1, 2, 4, 8, 8, 8],
        '8' => [14, 17, 17, 14, 17, 17, 14],
        '9' => [14, 17, 17, 15, 1, 2, 12],
        'A' => [14, 17, 17, 31, 17, 17, 17],
        'B' => [30, 17, 17, 30, 17, 17, 30],
        'C' => [14, 17, 16, 16, 16, 17, 14],
        'D' => [28, 18, 17, 17, 17, 18, 28],
        'E' => [31, 16, 16, 30, 16, 16, 31],
        'F' => [31, 16, 16, 30, 16, 16, 16],
        '#' => [10, 10, 31, 10, 31, 10, 10],
        '%' => [24, 25, 2, 4, 8, 19, 3],
        _ => [0; 7],
    }
}

/// Writes `words` with their upper left corner at `place` and says how wide they are.
pub(super) fn write(picture: &mut RgbImage, words: &str, place: (u32, u32), colour: Rgb<u8>) -> u32 {
    let mut x = place.0;
    for sign in words.chars() {
        for (row, bits) in (0_u32..).zip(rows(sign)) {
            for column in (0..WIDTH).filter(|column| bits >> (WIDTH - 1 - column) & 1 == 1) {
                dot(picture, x + column * SCALE, place.1 + row * SCALE, colour);
            }
        }
        x += (WIDTH + 1) * SCALE;
    }
    x - place.0
}

fn dot(picture: &mut RgbImage, left: u32, top: u32, colour: Rgb<u8>) {
    for y in top..top + SCALE {
        for x in left..left + SCALE {
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                *pixel = colour;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays_inside_the_picture() {
        let mut picture = RgbImage::new(30, 10);
        assert_eq!(write(&mut picture, "#0A", (0, 0), Rgb([255; 3])), 36);
        assert!(picture.pixels().any(|pixel| pixel.0 == [255; 3]));
    }
}
