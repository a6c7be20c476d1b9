// SPDX-License-Identifier: Apache-2.0

/** `text` with `content` between its marks `<!-- name: computed -->` and `<!-- name: end -->`. */
export function fill(text: string, name: string, content: string): string {
	const begin = `<!-- ${name}: computed -->`;
	const end = `<!-- ${name}: end -->`;
	const from = text.indexOf(begin);
	const to = text.indexOf(end);
	if (from < 0 || to < from) throw new Error(`no place for ${name}`);
	return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
