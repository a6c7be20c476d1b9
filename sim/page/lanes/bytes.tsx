// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { type Column, Table } from "../../../site/web/parts/table.js";
import { decode } from "../../scene/decode/decode.js";
import type { Field } from "../../scene/decode/fields.js";
import type { Part } from "../../scene/span.js";

/** Bytes of a field that are shown. */
const MAX_SHOWN = 64;
/** Steps to the right at most. */
const MAX_DEPTH = 6;

interface Row {
	readonly key: string;
	readonly depth: number;
	readonly field: Field;
	/** What the field's offsets are in. */
	readonly bytes: Uint8Array;
	readonly isOpened: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
	{
		title: "Field",
		cell: ({ depth, field: { clause, name }, isOpened }) => (
			<div class={`depth-${Math.min(depth, MAX_DEPTH)}${isOpened ? " decrypted" : ""}`}>
				{name}
				{clause && <small>{clause}</small>}
			</div>
		),
	},
	{ title: "Means", cell: ({ field }) => field.value ?? "" },
	{
		title: "Bytes",
		cell: ({ bytes, field: { from, inside, to } }) => (
			<>
				<small>{to - from === 1 ? from : `${from}–${to - 1}`}</small>
				{inside === undefined && <code class="hex">{hex(bytes.subarray(from, to))}</code>}
			</>
		),
	},
];

/** Bytes as a table of their fields; what was encrypted in them follows the ciphertext. */
export function Bytes({ part: { bytes, format, plain, title } }: { part: Part }): JSX.Element {
	return (
		<Table
			caption={`Fields of ${title}`}
			columns={COLUMNS}
			rows={rowsOf(decode(format, bytes, plain), bytes, 0, "", false)}
			keyOf={({ key }) => key}
		/>
	);
}

function rowsOf(
	fields: readonly Field[],
	bytes: Uint8Array,
	depth: number,
	path: string,
	isOpened: boolean,
): Row[] {
	return fields.flatMap((field, i) => {
		const key = `${path}${i}`;
		const { inside = [], opened } = field;
		return [
			{ key, depth, field, bytes, isOpened },
			...rowsOf(inside, bytes, depth + 1, `${key}.`, isOpened),
			...(opened ? rowsOf(opened.fields, opened.bytes, depth + 1, `${key}:`, true) : []),
		];
	});
}

function hex(bytes: Uint8Array): string {
	const shown = Array.from(bytes.subarray(0, MAX_SHOWN), (byte) => byte.toString(16).padStart(2, "0"));
	return `${shown.join(" ")}${bytes.length > MAX_SHOWN ? " …" : ""}`;
}
