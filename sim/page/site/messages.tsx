// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { Table } from "../../../site/web/parts/table.js";
import type { SessionLine } from "../../scene/session.js";

/** Of those that are kept, how many are shown. */
const SHOWN = 16;

const COLUMNS = [
	{ title: "From", cell: ({ from }: SessionLine) => (from === "site" ? "site ↓" : "door ↑") },
	{ title: "s", cell: ({ at }: SessionLine) => (at / 1e6).toFixed(3), isWide: true },
	{ title: "Topic", cell: ({ topic }: SessionLine) => <code>{topic}</code>, isWide: true },
	{ title: "What", cell: ({ what }: SessionLine) => what },
	{
		title: "Bytes",
		cell: ({ sealed, size }: SessionLine) => `${size}${sealed ? ", sealed" : ""}`,
	},
	{
		title: "Answer",
		cell: ({ answer }: SessionLine) => answer && `${answer.what}, ${answer.ms} ms`,
	},
];

/** What travels between the site and its door, the newest first. */
export function Messages({ lines }: { lines: readonly SessionLine[] }): JSX.Element {
	return (
		<>
			<h2>What travels over the broker</h2>
			<div class="messages">
				<Table
					caption="Messages between the site and its door"
					columns={COLUMNS}
					rows={lines.slice(-SHOWN).reverse()}
					keyOf={({ number }) => String(number)}
				/>
			</div>
		</>
	);
}
