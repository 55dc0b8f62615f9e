//! A rectangle.

use super::Form;

pub(super) const FORM: Form = Form::BOX;
