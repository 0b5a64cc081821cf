//! Tables from outside: what is read, what is refused and in which words.

use super::*;
use proptest::prelude::*;

fn points(text: &str) -> Vec<(f64, f64, u8)> {
    let read = read(text.as_bytes()).unwrap_or_else(|why| panic!("{text:?}: {why}"));
    read.points.iter().map(|it| (it.position().0, it.position().1, it.class)).collect()
}

#[test]
fn the_usual_spellings_are_read() {
    let expected = [(0.5, -0.25, 1), (-1.0, 1.0, 0)];
    for text in [
        "0.5,-0.25,1\n-1,1,0\n",
        "x,y,class\n0.5,-0.25,1\n-1,1,0",
        "\u{feff}X;Y;Target\r\n0,5;-0,25;1\r\n\r\n-1;1;0\r\n",
        "x\ty\tclass\n.5\t-25e-2\t1.0\n-1\t1\t0\n",
        "name,class,y,x\n\"a\",1,-0.25,0.5\nb,0,1,-1\n",
        "\"x\", \"y\", \"class\"\n 0.5 , −0.25 , 1\n\"-1\",\"1\",\"0\"\n",
    ] {
        assert_eq!(points(text), expected, "{text:?}");
    }
}

#[test]
fn classes_are_counted_and_far_points_are_scaled() {
    let read = read(b"150,50,0\n170,70,2\n190,60,0\n").unwrap();
    assert_eq!((read.n_classes, read.scaled_from), (3, Some([(150.0, 190.0), (50.0, 70.0)])));
    let positions: Vec<_> = read.points.iter().map(|it| it.position()).collect();
    assert_eq!(positions, [(-1.0, -1.0), (0.0, 1.0), (1.0, 0.0)]);
    // A column without spread lies in the middle; one coordinate outside scales both axes.
    assert_eq!(points("7,0.5,0\n7,1,1\n"), [(0.0, -1.0, 0), (0.0, 1.0, 1)]);
    // 1.5 still fits, and thousandths are what a link can carry.
    assert_eq!(points("1.5,-1.5,0\n0.12345,0,1\n"), [(1.5, -1.5, 0), (0.123, 0.0, 1)]);
}

#[test]
fn what_cannot_be_read_is_refused_with_line_and_column() {
    let many = "0,0,1\n".repeat(MAX_OWN_POINTS + 1);
    for (text, says) in [
        ("", "Line 1: the file is empty."),
        ("\n \n", "Line 1: the file is empty."),
        ("hello\n", "Line 1: there is no comma, semicolon or tab"),
        ("x,z,class\n1,1,1\n", "Line 1: no column is called y. Name the columns"),
        ("a,b,c\n1,1,1\n", "Line 1: no column is called x."),
        ("x,y\n1,1\n", "Line 1: no column is called class."),
        ("0,0,1\n0.5,abc,1\n", "Line 2, column 2 (y): “abc” is not a number. Write it like 0.25."),
        ("class,x,y\n1,0,0\n\n0,NaN,0\n", "Line 4, column 2 (x): “NaN” is not a number."),
        ("0,0,1\n0,inf,1\n", "Line 2, column 2 (y): “inf” is not a number."),
        ("0,0,1\n1e300,0,1\n", "Line 2, column 1 (x): 1e300 is too large. Use numbers up to 1e12."),
        ("0,0,1\n0,0\n", "Line 2, column 3 (class): there is nothing. Each line needs x, y and a class"),
        ("0,0,1\n0,,1\n", "Line 2, column 2 (y): there is nothing."),
        ("0,0,1\n0,0,-1\n", "Line 2, column 3 (class): -1 is no class. Use whole numbers from 0 to 4"),
        ("0,0,1\n0,0,0.5\n", "Line 2, column 3 (class): 0.5 is no class."),
        ("0,0,5\n0,0,1\n", "Line 1, column 3 (class): 5 is no class."),
        ("x,y,class\n0,0,1\n", "Line 2: the file ends with 1 points, and 2 are the fewest."),
        (&many, "Line 501: 500 points are the most, and here is one more."),
    ] {
        let said = read(text.as_bytes()).unwrap_err();
        assert!(said.starts_with(says), "{:?}: {said}", &text[..text.len().min(40)]);
        assert!(said.ends_with('.'), "{said}");
    }
    assert!(read(b"0,0,1\n0,\xff,1\n").unwrap_err().starts_with("Line 2: this is no text in UTF-8."));
    assert!(read(&vec![b'1'; MAX_CSV_BYTES + 1]).unwrap_err().contains("262144 are the most"));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_table_breaks_the_reader(text in "[xyclast0-9eE.,;\t\n\r\"+−-]{0,200}") {
        if let Ok(it) = read(text.as_bytes()) {
            prop_assert!((MIN_OWN_POINTS..=MAX_OWN_POINTS).contains(&it.points.len()));
            prop_assert!(it.points.iter().all(|point| usize::from(point.class) < it.n_classes));
            prop_assert!(it.points.iter().all(|point| point.x.abs() <= 1500 && point.y.abs() <= 1500));
        }
    }

    #[test]
    fn what_is_written_is_read_back(own in proptest::collection::vec((-1500i16..=1500, -1500i16..=1500, 0u8..5), 2..60)) {
        let points: Vec<OwnPoint> = own.into_iter().map(|(x, y, class)| OwnPoint { x, y, class }).collect();
        let read = read(write(&points).as_bytes()).unwrap();
        prop_assert_eq!(read.points, points);
        prop_assert_eq!(read.scaled_from, None);
    }
}
