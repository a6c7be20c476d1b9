// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Values } from "../../scene/act.js";
import type { Write } from "../../scene/rehearsal.js";
import type { Client } from "../client.js";

interface Operation {
	readonly title: string;
	readonly act: string;
	readonly values: Values;
}

const OPERATIONS: readonly Operation[] = [
	{ title: "a tap", act: "tap", values: { who: "valid" } },
	{ title: "a revocation", act: "revoke", values: { who: "valid" } },
	{ title: "a new person in the plan", act: "add", values: { who: "stranger" } },
	{ title: "the pull of the door", act: "pull", values: {} },
];

/** Cuts the power at any write of what comes next: a rehearsal tells which there are. */
export function PowerCut({ client }: { client: Client }): JSX.Element {
	const chosen = useSignal(0);
	const at = useSignal(1);
	const leaves = useSignal("torn");
	const { value: writes } = client.writes;
	const operation = OPERATIONS[chosen.value]!;
	const ways = client.acts.value.find(({ name }) => name === "cut")?.parameters[1];
	const cut = (): void => {
		client.act("cut", { write: at.value, leaves: leaves.value });
		client.act(operation.act, operation.values);
	};
	return (
		<fieldset class="power-cut">
			<legend>Cut the power at any write to the flash</legend>
			<label>
				<span>During</span>
				<select
					value={chosen.value}
					onChange={({ currentTarget }) => {
						chosen.value = Number(currentTarget.value);
						client.writes.value = undefined;
						at.value = 1;
					}}
				>
					{OPERATIONS.map(({ title }, i) => (
						<option key={title} value={i}>
							{title}
						</option>
					))}
				</select>
			</label>
			<button type="button" onClick={() => client.rehearse(operation.act, operation.values)}>
				Rehearse its writes
			</button>
			{writes?.length === 0 && <p>It writes nothing.</p>}
			{writes !== undefined && writes.length > 0 && (
				<>
					<label>
						<span>
							Write {Math.min(at.value, writes.length)} of {writes.length}:{" "}
							{writeInWords(writes[Math.min(at.value, writes.length) - 1]!)}
						</span>
						<input
							type="range"
							min={1}
							max={writes.length}
							value={at.value}
							onInput={({ currentTarget }) => {
								at.value = Number(currentTarget.value);
							}}
						/>
					</label>
					<label>
						<span>It goes</span>
						<select
							value={leaves.value}
							onChange={({ currentTarget }) => {
								leaves.value = currentTarget.value;
							}}
						>
							{ways !== undefined &&
								"choices" in ways &&
								ways.choices.map((way, i) => (
									<option key={way} value={way}>
										{ways.words?.[i] ?? way}
									</option>
								))}
						</select>
					</label>
					<button type="button" onClick={cut}>
						Do it, and cut there
					</button>
				</>
			)}
		</fieldset>
	);
}

function writeInWords({ at, erases, memory, size }: Write): string {
	return `${erases ? `the erase of a sector of the ${memory}` : `${size} bytes of the ${memory}`}, ${at} ms after`;
}
