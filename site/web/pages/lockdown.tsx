// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { del, get, post } from "../api.js";
import { type Door, doorName } from "../doors.js";
import { useFresh } from "../live.js";
import { may } from "../me.js";
import { confirm, Dialog } from "../parts/dialog.js";
import { Field, Form } from "../parts/form.js";
import { useLoaded } from "../parts/loaded.js";
import { Banner, say, sayError } from "../parts/notice.js";
import { timeText } from "../parts/time.js";
import { doorWords } from "../words/doors.js";
import { refusalText } from "../words/refusals.js";
import { shellWords } from "../words/shell.js";
import { listed } from "../words.js";

interface Lockdowns {
	readonly lockdowns: readonly { readonly until: number; readonly doors: readonly string[] }[];
}

const HOUR_S = 3600;

/** Locks the whole site down, and ends that; a lockdown that stands is said first of all. */
export function SiteLockdown({ doors }: { doors: readonly Door[] }): JSX.Element {
	const t = doorWords();
	const isAsking = useSignal(false);
	const standing = useLoaded("lockdown", () => get<Lockdowns>("/api/lockdown"));
	useFresh(["hello"], standing.again);
	const lockdowns = standing.value.value?.lockdowns ?? [];
	const end = async (): Promise<void> => {
		const question = { title: t.endLockdownTitle, text: t.endLockdownText, act: t.endLockdown };
		if (!(await confirm(question))) return;
		try {
			await del("/api/lockdown");
			say(t.lockdownEnded);
			await standing.again();
		} catch (error) {
			sayError(refusalText(error));
		}
	};
	const names = new Map(doors.map((door) => [door.id, doorName(door)]));
	return (
		<section aria-label={t.site}>
			{lockdowns.map(({ doors: at, until }) => (
				<Banner kind="bad" key={until}>
					<p>
						{t.lockdownStands(timeText(until))}
						{at.length > 0 && ` ${t.someDoors(listed(at.map((id) => names.get(id) ?? id)))}`}
					</p>
				</Banner>
			))}
			<div class="actions">
				{may("manager") && doors.length > 0 && (
					<button
						type="button"
						class="grave"
						onClick={() => {
							isAsking.value = true;
						}}
					>
						{t.siteLockdown}
					</button>
				)}
				{may("administrator") && lockdowns.length > 0 && (
					<button type="button" onClick={end}>
						{t.endLockdown}
					</button>
				)}
			</div>
			{isAsking.value && (
				<Asked
					onClose={() => {
						isAsking.value = false;
					}}
					again={standing.again}
				/>
			)}
		</section>
	);
}

function Asked({ again, onClose }: { again: () => Promise<void>; onClose: () => void }): JSX.Element {
	const t = doorWords();
	const hours = useSignal("8");
	const lockDown = async (): Promise<void> => {
		await post("/api/lockdown", { seconds: Math.round(Number(hours.value) * HOUR_S) });
		onClose();
		say(t.isLockedDown);
		await again();
	};
	return (
		<Dialog title={t.siteLockdownTitle} onClose={onClose}>
			<p>{t.siteLockdownText}</p>
			<Form
				act={t.siteLockdown}
				onSubmit={lockDown}
				extra={
					<button type="button" onClick={onClose}>
						{shellWords().cancel}
					</button>
				}
			>
				<Field
					label={t.hours}
					type="number"
					min={1}
					max={24}
					required
					value={hours.value}
					onInput={(value) => {
						hours.value = value;
					}}
				/>
			</Form>
		</Dialog>
	);
}
