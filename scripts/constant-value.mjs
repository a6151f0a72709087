const OPERATIONS = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '**': (a, b) => a ** b,
  '|': (a, b) => a | b,
  '&': (a, b) => a & b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
  '>>>': (a, b) => a >>> b,
};

/**
 * The number that an expression always is.
 *
 * @param node an expression as acorn reads it
 * @param values constants known so far, by name
 * @returns null for everything that is not made of numbers, or that no literal can say
 */
export function constantValue(node, values) {
  const value = computed(node, values);
  return Number.isFinite(value) && !Object.is(value, -0) ? value : null;
}

function computed(node, values) {
  if (node.type === 'Literal') return typeof node.value === 'number' ? node.value : Number.NaN;
  if (node.type === 'Identifier') return values.get(node.name) ?? Number.NaN;
  if (node.type === 'UnaryExpression' && node.operator === '-') return -computed(node.argument, values);
  const operation = node.type === 'BinaryExpression' ? OPERATIONS[node.operator] : undefined;
  if (operation === undefined) return Number.NaN;
  const [left, right] = [computed(node.left, values), computed(node.right, values)];
  // Bitwise operators make a number of what is none.
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : operation(left, right);
}
