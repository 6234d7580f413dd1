// When a field applies: the browser's half of definition/conditions.py. A test runs
// both on all combinations. Answers are a Map of lists of strings; an absent one is no
// answer.

export function holds(condition, answers) {
  if (condition.not) return !holds(condition.not, answers);
  if (condition.all) return condition.all.every((part) => holds(part, answers));
  if (condition.any) return condition.any.some((part) => holds(part, answers));
  const given = answers.get(condition.field);
  if (!given) return false;
  if ("includes" in condition) return given.includes(condition.includes);
  return given.length === 1 && given[0] === condition.is;
}

function controlling(condition) {
  if (condition.not) return controlling(condition.not);
  const parts = condition.all || condition.any;
  return parts ? parts.flatMap(controlling) : [condition.field];
}

// `fields` are {id, when} in the order of the form; returns the ids that apply. A
// controlling field that is itself hidden counts as unanswered.
export function applicable(fields, answers) {
  const byId = new Map(fields.map((field) => [field.id, field]));
  const known = new Map();
  function applies(id) {
    if (!known.has(id)) {
      const field = byId.get(id);
      let result = Boolean(field);
      if (field && field.when) {
        const given = new Map();
        for (const other of controlling(field.when)) {
          if (answers.has(other) && applies(other)) given.set(other, answers.get(other));
        }
        result = holds(field.when, given);
      }
      known.set(id, result);
    }
    return known.get(id);
  }
  return fields.filter((field) => applies(field.id)).map((field) => field.id);
}
