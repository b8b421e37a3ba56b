/** A SQL text literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A SQL identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A column's cells as text. DuckDB takes a column of JSON Lines that holds texts and numbers for one of JSON, whose texts have quotes around them. */
export function textOf({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === 'JSON' ? `json_extract_string(${quoteName(name)}, '$')` : `cast(${quoteName(name)} as varchar)`;
}
