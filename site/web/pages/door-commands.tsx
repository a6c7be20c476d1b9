// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { post } from "../api.js";
import { type Door, doorName, doorPath } from "../doors.js";
import { confirm } from "../parts/dialog.js";
import { Field } from "../parts/form.js";
import { say, sayError } from "../parts/notice.js";
import { doorWords } from "../words/doors.js";
import { refusalText } from "../words/refusals.js";

type What = "open" | "lock" | "normal" | "release" | "lockdown" | "identify" | "restart";

interface Answer {
	readonly result: "done" | "refused" | "unknown";
	readonly reason?: string;
}

/** What can be done at a door now; each is asked for first. */
export function DoorCommands({ again, door }: { door: Door; again: () => Promise<void> }): JSX.Element {
	const t = doorWords();
	const seconds = useSignal("5");
	const name = doorName(door);
	const names: Readonly<Record<What, string>> = {
		open: t.open,
		lock: t.lock,
		normal: t.normal,
		release: t.release,
		lockdown: t.lockdownHere,
		identify: t.identify,
		restart: t.restart,
	};
	const command = async (what: What): Promise<void> => {
		const act = names[what];
		const isGrave = what === "lockdown" || what === "restart";
		if (!(await confirm({ title: `${act}: ${name}?`, text: t.questions[what], act, isGrave }))) return;
		try {
			const body = what === "open" ? { what, for: Number(seconds.value) } : { what };
			const { reason, result } = await post<Answer>(`/api${doorPath(door.id)}/commands`, body);
			if (result === "done") say(t.done(act, name));
			else if (result === "unknown") sayError(t.unknown(name));
			else sayError(t.refusals[reason ?? ""] ?? `${t.refusals.refused} (${reason})`);
			await again();
		} catch (error) {
			sayError(refusalText(error));
		}
	};
	return (
		<section class="card" aria-labelledby="commands">
			<h2 id="commands">{t.commands}</h2>
			<p class="hint">{t.commandsAbout}</p>
			<div class="toolbar">
				<Field
					label={t.openFor}
					type="number"
					min={1}
					max={60}
					value={seconds.value}
					onInput={(value) => {
						seconds.value = value;
					}}
				/>
				<div class="field">
					<button type="button" class="primary" onClick={() => command("open")}>
						{t.open}
					</button>
				</div>
			</div>
			<div class="actions">
				{(["lock", "normal", "lockdown", "release", "identify", "restart"] as const).map((what) => (
					<button
						key={what}
						type="button"
						class={what === "lockdown" ? "grave" : undefined}
						onClick={() => command(what)}
					>
						{names[what]}
					</button>
				))}
			</div>
		</section>
	);
}
