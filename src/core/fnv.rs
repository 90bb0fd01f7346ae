//! A hash for what needs no secret; the build reads this file, too.

/// FNV-1a of 32 bits (Fowler, Noll and Vo; RFC 9923).
pub fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The same in 24 bits, folded as its authors say.
pub fn fnv1a_24(bytes: &[u8]) -> u32 {
    let hash = fnv1a(bytes);
    (hash >> 24) ^ (hash & 0x00ff_ffff)
}
