/** Goals by name as people set and read them. */

/** The goal that the fields of its form, those that are filled in, ask for. */
export const goalOf = ({min_value: least, ...fields}) => (least ? {...fields, min_value: Number(least)} : fields);

/** What an event must be to count for a goal. */
export const rule = ({evt_type: type, page_url: url, property, property_value: value, min_value: least}) =>
  [type, url, property && `${property} ${value ?? ''}`.trim(), least]
    .filter((part) => part !== undefined && part !== null && part !== '')
    .join(', ');

/** A goal's form, in which something has to say what counts, in words that its fields have. */
export function ruled(goal) {
  const {evt_type: type, page_url: url, property, property_value: value} = goal.elements;
  const isGiven = (field) => field.value.trim() !== '';
  const tell = () => {
    type.setCustomValidity([type, url, property].some(isGiven) ? '' : 'Fill in an event type, a page or a property.');
    property.setCustomValidity(isGiven(value) && !isGiven(property) ? 'Name the property that has this value.' : '');
  };
  goal.addEventListener('input', tell);
  tell();
  return goal;
}
