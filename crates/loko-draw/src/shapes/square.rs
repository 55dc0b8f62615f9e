//! A square.

use super::Form;
use loko_diagram::Size;

pub(super) const FORM: Form =
    Form { fit: |content| Size::new(content.w.max(content.h), content.w.max(content.h)), ..Form::BOX };
