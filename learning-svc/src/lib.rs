//! Classes, students, mistakes and reviews.
