// SPDX-License-Identifier: Apache-2.0

import type { JSX } from "preact";
import { address } from "../api.js";
import { type Door, doorPath } from "../doors.js";
import { eventWords } from "../words/events.js";
import { language } from "../words.js";

/** What was searched for as a table; of one door its log of these days with what proves it, and how that is checked. */
export function EventExport({
	doors,
	wanted,
}: {
	wanted: Readonly<Record<string, string | undefined>>;
	doors: readonly Door[];
}): JSX.Element {
	const t = eventWords();
	const { since, until } = wanted;
	const door = doors.find(({ id }) => id === wanted.door);
	const file = door && `${door.id}.jsonl`;
	return (
		<section class="card" aria-label={t.exportProof}>
			<div class="actions">
				<a class="button" download href={address("/api/log/export", { ...wanted, language: language.value })}>
					{t.exportTable}
				</a>
				{door !== undefined && door.reader !== null && (
					<a
						class="button"
						download={file}
						href={address(`/api${doorPath(door.id)}/log/export`, { since, until })}
					>
						{t.exportProof}
					</a>
				)}
			</div>
			{door === undefined || door.reader === null ? (
				<p class="hint">{t.proofNeedsDoor}</p>
			) : (
				<>
					<p class="hint">{t.proofAbout}</p>
					<p>
						<code>
							lintel log verify --export {file} --reader-key {door.reader.key}
						</code>
					</p>
				</>
			)}
		</section>
	);
}
