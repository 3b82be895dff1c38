//! From outcome to policy: learners and the governor.
