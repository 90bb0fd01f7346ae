//! Where on Earth somebody is, as exactly as routing needs it.

use serde::{Deserialize, Serialize};

/// Mean radius of the Earth, in km (the R₁ of IUGG, 1980).
const EARTH: f64 = 6_371.008_8;

/// A point, to a hundredth of a degree: at most 1.1 km, which is more than an address of the Internet tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct Location {
    /// Hundredths of a degree north of the equator, −9,000 to 9,000.
    latitude: i32,
    /// Hundredths of a degree east of Greenwich, −18,000 to 18,000.
    longitude: i32,
}

/// The same as it is told and stored.
#[derive(Serialize, Deserialize)]
struct Degrees {
    latitude: f64,
    longitude: f64,
}

impl Location {
    /// From degrees. None: there is no such point.
    pub fn of(latitude: f64, longitude: f64) -> Option<Self> {
        // A number that is none is in no range.
        let is_point = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        let hundredths = |degrees: f64| (degrees * 100.0).round() as i32;
        is_point.then(|| Location { latitude: hundredths(latitude), longitude: hundredths(longitude) })
    }

    /// The shortest way to another point, in whole km, by the haversine formula (R. W. Sinnott, Sky & Telescope 68, 1984).
    pub fn km_to(self, other: Location) -> u32 {
        let radians = |hundredths: i32| (f64::from(hundredths) / 100.0).to_radians();
        let haversine = |angle: f64| (angle / 2.0).sin().powi(2);
        let across = radians(self.latitude).cos() * radians(other.latitude).cos();
        let h = haversine(radians(other.latitude - self.latitude))
            + across * haversine(radians(other.longitude - self.longitude));
        (2.0 * EARTH * h.clamp(0.0, 1.0).sqrt().asin()).round() as u32
    }
}

impl TryFrom<Degrees> for Location {
    type Error = &'static str;

    fn try_from(it: Degrees) -> Result<Self, Self::Error> {
        Location::of(it.latitude, it.longitude).ok_or("latitude is -90 to 90 and longitude -180 to 180")
    }
}

impl From<Location> for Degrees {
    fn from(it: Location) -> Self {
        let degrees = |hundredths: i32| f64::from(hundredths) / 100.0;
        Degrees { latitude: degrees(it.latitude), longitude: degrees(it.longitude) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::json;

    #[test]
    fn distances_that_are_known() {
        let of = |latitude, longitude| Location::of(latitude, longitude).unwrap();
        let (shanghai, berlin, sydney) = (of(31.23, 121.47), of(52.52, 13.405), of(-33.87, 151.21));
        for (one, other, km) in [
            (shanghai, shanghai, 0),
            // A minute of arc of a great circle is 1.853 km, a degree 111.195 km.
            (of(0.0, 0.0), of(0.0, 1.0), 111),
            (of(0.0, 0.0), of(1.0, 0.0), 111),
            // Half and a quarter of the way round.
            (of(90.0, 0.0), of(-90.0, 77.0), 20_015),
            (of(0.0, 0.0), of(0.0, 180.0), 20_015),
            (of(0.0, -180.0), of(0.0, 180.0), 0),
            (of(90.0, 10.0), of(0.0, -170.0), 10_008),
            // Across the date line, not around the world.
            (of(0.0, 179.5), of(0.0, -179.5), 111),
        ] {
            assert_eq!((one.km_to(other), other.km_to(one)), (km, km), "{one:?} {other:?}");
        }
        for (one, other, low, high) in [(shanghai, berlin, 8_380, 8_420), (shanghai, sydney, 7_840, 7_900)] {
            assert!((low..=high).contains(&one.km_to(other)), "{}", one.km_to(other));
        }
    }

    #[test]
    fn only_points_are_read() {
        for (latitude, longitude) in
            [(90.01, 0.0), (-91.0, 0.0), (0.0, 180.01), (0.0, -200.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)]
        {
            assert_eq!(Location::of(latitude, longitude), None, "{latitude} {longitude}");
        }
        let text = r#"{"latitude":31.23,"longitude":-121.47}"#;
        let read: Location = json::from_str(text).unwrap();
        assert_eq!(read, Location { latitude: 3_123, longitude: -12_147 });
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(json::from_str::<Location>(r#"{"latitude":31.234567,"longitude":-121.4651}"#).unwrap(), read);
        let whole: Location = json::from_str(r#"{"latitude":31,"longitude":7}"#).unwrap();
        assert_eq!(whole, Location { latitude: 3_100, longitude: 700 });
        for wrong in [
            r#"{"latitude":91,"longitude":0}"#,
            r#"{"latitude":0,"longitude":1e300}"#,
            r#"{"latitude":"31","longitude":7}"#,
            r#"{"latitude":31}"#,
            "[31,7]",
        ] {
            assert!(json::from_str::<Location>(wrong).is_err(), "{wrong}");
        }
    }
}
