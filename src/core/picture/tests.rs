use super::*;
use crate::core::limits::{ANSWER_PICTURE_SIDE, PICTURE_SIDE};

fn png(width: u32, height: u32) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), b"\x08\x06\0\0\0"]
        .concat()
}

fn jpeg(marker: u8, before: &[u8]) -> Vec<u8> {
    [b"\xff\xd8".as_slice(), before, &[0xff, marker], b"\0\x11\x08\0\x40\0\x80\x03"].concat()
}

fn webp(chunk: &[u8]) -> Vec<u8> {
    [b"RIFF\x24\0\0\0WEBP".as_slice(), chunk].concat()
}

#[test]
fn a_picture_is_what_its_first_bytes_say() {
    let app = b"\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".as_slice();
    let tables = b"\xff\xdb\0\x04\x01\x02\xff\xff\xc4\0\x03\x05".as_slice();
    let found = [
        ("png", png(128, 64), Kind::Png),
        ("jpeg", jpeg(0xc0, app), Kind::Jpeg),
        ("progressive, behind tables and filling", jpeg(0xc2, &[app, tables].concat()), Kind::Jpeg),
        ("webp, lossy", webp(b"VP8 \x10\0\0\0\0\0\0\x9d\x01\x2a\x80\0\x40\0"), Kind::Webp),
        // The upper bits are how it is to be stretched.
        ("webp, lossy, stretched", webp(b"VP8 \x10\0\0\0\0\0\0\x9d\x01\x2a\x80\x40\x40\x80"), Kind::Webp),
        ("webp, lossless", webp(b"VP8L\x10\0\0\0\x2f\x7f\xc0\x0f\x10"), Kind::Webp),
        ("webp, with more in it", webp(b"VP8X\x0a\0\0\0\x10\0\0\0\x7f\0\0\x3f\0\0"), Kind::Webp),
    ];
    for (name, bytes, kind) in found {
        assert_eq!(look(&bytes, PICTURE_SIDE), Some(Picture { kind, width: 128, height: 64 }), "{name}");
        for end in 0..bytes.len() {
            // Whatever is cut off: no panic, and nothing else than it is.
            assert!(
                look(&bytes[..end], PICTURE_SIDE)
                    .is_none_or(|it| it.kind == kind && (it.width, it.height) == (128, 64)),
                "{name}, {end} bytes"
            );
        }
    }
}

#[test]
fn nothing_else_is_a_picture() {
    let none: [(&str, Vec<u8>); 16] = [
        ("nothing", vec![]),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("svg behind a mark", b"\xef\xbb\xbf<?xml version='1.0'?><svg/>".to_vec()),
        ("gif", b"GIF89a\x80\0\x40\0\0\0\0".to_vec()),
        ("html", b"<!doctype html><img src=x>".to_vec()),
        ("html behind the name of a png", b"\x89PNG\r\n\x1a\n<html>".to_vec()),
        ("json", b"{}".to_vec()),
        ("bmp", b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0".to_vec()),
        ("avif", b"\0\0\0\x20ftypavif".to_vec()),
        ("a sound", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0".to_vec()),
        ("webp of no known kind", webp(b"VP9 \x10\0\0\0\0\0\0\x9d\x01\x2a\x80\0\x40\0")),
        ("jpeg without a frame", b"\xff\xd8\xff\xd9".to_vec()),
        ("jpeg whose segment has no length", b"\xff\xd8\xff\xe0\0\0\xff\xc0\0\x11\x08\0\x40\0\x80".to_vec()),
        ("no pixels", png(0, 64)),
        ("too wide", png(PICTURE_SIDE + 1, 64)),
        ("a picture that fills a memory", png(60_000, 60_000)),
    ];
    for (name, bytes) in none {
        assert_eq!(look(&bytes, PICTURE_SIDE), None, "{name}");
    }
    assert!(look(&png(PICTURE_SIDE, PICTURE_SIDE), PICTURE_SIDE).is_some());
    let large = png(ANSWER_PICTURE_SIDE, ANSWER_PICTURE_SIDE);
    assert!(look(&large, ANSWER_PICTURE_SIDE).is_some() && look(&large, ANSWER_PICTURE_SIDE - 1).is_none());
}

#[test]
fn no_bytes_make_it_fail() {
    let mut state = 1_u64;
    for start in
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L"]
    {
        for length in 0..200 {
            let noise = std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                u8::try_from(state >> 56).unwrap()
            });
            let bytes: Vec<u8> = start.iter().copied().chain(noise.take(length)).collect();
            assert!(look(&bytes, PICTURE_SIDE).is_none_or(|it| it.width <= PICTURE_SIDE && it.height <= PICTURE_SIDE));
        }
    }
}
