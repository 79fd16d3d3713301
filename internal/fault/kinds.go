package fault

// InvalidInput is any value that breaks a rule of its field. Params: "field",
// the name clients sent it under.
var InvalidInput = Define("invalid-input", Invalid)

// BadField is the InvalidInput of one field.
func BadField(field string) *Fault { return InvalidInput.With(Params{"field": field}) }
