// SPDX-License-Identifier: Apache-2.0

import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Refused } from "../api.js";
import { confirm } from "../parts/dialog.js";
import { Field, Form, Several } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { say, sayError } from "../parts/notice.js";
import { timeText } from "../parts/time.js";
import { phoneWords } from "../words/phone.js";
import { refusalText } from "../words/refusals.js";
import { count, listed } from "../words.js";
import { siteNow } from "./clock.js";
import { HandOver } from "./hand-over.js";
import type { HeldCredential } from "./keyring.js";
import { type LentPass, lend, lentPasses, type NewPass, withdraw } from "./passes.js";

/** Passes last so long where nothing else is said, s. */
const HOURS_4 = 4 * 3600;

/** Lends a pass, and shows those that were lent. */
export function LendPage({ one }: { one: HeldCredential }): JSX.Element {
	const t = phoneWords();
	const passes = useSignal<readonly LentPass[] | undefined>(undefined);
	const made = useSignal<{ name: string; link: string } | undefined>(undefined);
	const read = async (): Promise<void> => {
		try {
			passes.value = await lentPasses(one);
		} catch (error) {
			sayError(refusalText(error, t.refusals));
		}
	};
	useEffect(() => {
		void read();
	}, []);
	return (
		<>
			<Heading title={t.lendTitle(one.told.siteName)} />
			<p>{t.lendText}</p>
			{made.value === undefined ? (
				<LendForm
					one={one}
					onMade={(name, link) => {
						made.value = { name, link };
						void read();
					}}
				/>
			) : (
				<HandOver
					title={t.lent(made.value.name)}
					text={t.lentText}
					link={made.value.link}
					label={t.lentPicture}
				/>
			)}
			<h2>{t.passes}</h2>
			{passes.value === undefined ? (
				<p aria-busy="true">{t.loading}</p>
			) : passes.value.length === 0 ? (
				<p>{t.noPasses}</p>
			) : (
				passes.value.map((pass) => <PassCard key={pass.id} pass={pass} one={one} onChange={read} />)
			)}
		</>
	);
}

function LendForm({
	one,
	onMade,
}: {
	one: HeldCredential;
	onMade: (name: string, link: string) => void;
}): JSX.Element {
	const t = phoneWords();
	const lendable = one.told.lend!;
	const now = siteNow(one);
	const name = useSignal("");
	const only = lendable.doors.length === 1 ? [lendable.doors[0]!.id] : [];
	const doors = useSignal<readonly string[]>(only);
	const from = useSignal(localText(now));
	const until = useSignal(localText(now + HOURS_4));
	const times = useSignal(lendable.count === undefined ? "" : "1");
	const request = useRef(crypto.randomUUID());
	const submit = async (): Promise<void> => {
		const pass = passOf(name.value, doors.value, from.value, until.value, times.value);
		onMade(pass.name, await lend(one, pass, request.current));
	};
	const latest = localText(now + lendable.days * 86_400);
	return (
		<Form act={t.lendAct} onSubmit={submit} reasons={t.refusals}>
			<Field label={t.visitor} required maxLength={64} autocomplete="off" {...bound(name)} />
			<Several
				label={t.doors}
				options={lendable.doors.map((door) => [door.id, door.name] as const)}
				chosen={doors.value}
				onChange={(chosen) => {
					doors.value = chosen;
				}}
			/>
			<Field label={t.begins} type="datetime-local" required max={latest} {...bound(from)} />
			<Field label={t.ends} type="datetime-local" required max={latest} {...bound(until)} />
			<Field
				label={t.openings}
				hint={t.openingsHint}
				type="number"
				min={1}
				max={lendable.count ?? 100}
				required={lendable.count !== undefined}
				{...bound(times)}
			/>
		</Form>
	);
}

function bound(text: Signal<string>): { value: string; onInput: (value: string) => void } {
	return {
		value: text.value,
		onInput: (value) => {
			text.value = value;
		},
	};
}

/** Throws `Refused` with what is wrong. */
function passOf(name: string, doors: readonly string[], from: string, until: string, times: string): NewPass {
	const t = phoneWords();
	const count = times === "" ? undefined : Number(times);
	if (doors.length === 0) throw new Refused(0, "no-door", t.chooseDoor);
	if (count !== undefined && doors.length > 1) throw new Refused(0, "many-doors", t.chooseOneDoor);
	const pass = { name: name.trim(), doors, from: secondsOf(from), until: secondsOf(until) };
	if (!(pass.until > pass.from)) throw new Refused(0, "no-window", t.endFirst);
	return count === undefined ? pass : { ...pass, count };
}

/** As `datetime-local` has it, in the phone's time zone, at 5 minutes as access plans are. */
function localText(seconds: number): string {
	const at = new Date(Math.floor(seconds / 300) * 300_000);
	const two = (n: number): string => String(n).padStart(2, "0");
	const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
	return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

function secondsOf(local: string): number {
	return Math.floor(new Date(local).getTime() / 300_000) * 300;
}

function PassCard({
	one,
	pass,
	onChange,
}: {
	one: HeldCredential;
	pass: LentPass;
	onChange: () => Promise<void>;
}): JSX.Element {
	const t = phoneWords();
	const isOver = pass.state === "withdrawn" || pass.state === "expired";
	const end = async (): Promise<void> => {
		const title = t.withdrawTitle(pass.name);
		if (!(await confirm({ title, text: t.withdrawText, act: t.withdraw, isGrave: true }))) return;
		try {
			await withdraw(one, pass.id);
			say(t.withdrawn);
		} catch (error) {
			sayError(refusalText(error, t.refusals));
		}
		await onChange();
	};
	return (
		<section class="card" aria-label={pass.name}>
			<h3>{pass.name}</h3>
			<p>
				{listed(pass.doors.map(({ name }) => name))}: {t.fromTo(timeText(pass.from), timeText(pass.until))}
				{pass.count !== undefined && `, ${count(pass.count, t.times)}`}
			</p>
			<p class="faint">{t.passStates[pass.state]}</p>
			{!isOver && (
				<div class="actions">
					<button type="button" class="grave" onClick={end}>
						{t.withdraw}
						<span class="unseen"> {pass.name}</span>
					</button>
				</div>
			)}
		</section>
	);
}
