/**
 * What is private to a class by `#` is reached by way of a lookup with a key as long as code is not optimised, which in a program that
 * runs for seconds is most of the time. Here it becomes a field with a name that nobody else uses.
 *
 * @param tree a module as acorn reads it
 * @param childrenOf what stands within a node
 * @returns edits of the text; none for classes that are made from others, or that ask who has a field
 */
export function openPrivates(tree, childrenOf) {
  const edits = [];
  let classes = 0;
  const read = (node, scopes) => {
    if (node.type === 'PrivateIdentifier') {
      const opened = scopes.find((scope) => scope.has(node.name))?.get(node.name);
      if (opened) edits.push({ start: node.start, end: node.end, by: opened });
      return;
    }
    let within = scopes;
    if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') {
      classes++;
      const open = node.superClass === null && !asksForOwners(node.body, childrenOf);
      const names = privatesOf(node.body).map((name) => [name, open ? `$${name}${classes}` : null]);
      within = [new Map(names), ...scopes];
    }
    for (const child of childrenOf(node)) read(child, within);
  };
  read(tree, []);
  return edits;
}

function privatesOf({ body }) {
  return body.map(({ key }) => key).flatMap((key) => (key?.type === 'PrivateIdentifier' ? [key.name] : []));
}

/** `#field in object` somewhere. */
function asksForOwners(node, childrenOf) {
  if (node.type === 'BinaryExpression' && node.left.type === 'PrivateIdentifier') return true;
  return childrenOf(node).some((child) => asksForOwners(child, childrenOf));
}
