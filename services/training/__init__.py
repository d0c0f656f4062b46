"""Training: sessions with contested seats, enrolments, attendance."""
