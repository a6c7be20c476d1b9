// SPDX-License-Identifier: Apache-2.0

import type { ComponentChildren, JSX } from "preact";

export interface Column<Row> {
	readonly title: string;
	readonly cell: (row: Row) => ComponentChildren;
	/** Left out on a phone's width. */
	readonly isWide?: boolean;
}

/** Rows with the same columns; the first names the row. */
export function Table<Row>({
	caption,
	columns,
	rows,
	keyOf,
}: {
	/** For screen readers. */
	caption: string;
	columns: readonly Column<Row>[];
	rows: readonly Row[];
	keyOf: (row: Row) => string;
}): JSX.Element {
	return (
		<table>
			<caption class="unseen">{caption}</caption>
			<thead>
				<tr>
					{columns.map(({ isWide, title }) => (
						<th key={title} scope="col" class={isWide ? "wide" : undefined}>
							{title}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map((row) => (
					<tr key={keyOf(row)}>
						{columns.map(({ cell, isWide, title }, i) =>
							i === 0 ? (
								<th key={title} scope="row">
									{cell(row)}
								</th>
							) : (
								<td key={title} class={isWide ? "wide" : undefined}>
									{cell(row)}
								</td>
							),
						)}
					</tr>
				))}
			</tbody>
		</table>
	);
}
