// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get, post, put, Refused } from "../api.js";
import { Choice, Field, Form } from "../parts/form.js";
import { Heading } from "../parts/heading.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { sayError } from "../parts/notice.js";
import { type Step, Steps } from "../parts/steps.js";
import { planNames, type User } from "../users.js";
import { firstRunWords } from "../words/first-run.js";
import { invitationWords } from "../words/invitations.js";
import { refusalText } from "../words/refusals.js";
import { AddDoor } from "./add-door.js";
import { invite } from "./user-invitations.js";

/** Of a site whose administrators have not said where it is. */
const UNSET = "UTC0";
/** What is left out stays left out in this browser. */
const LEFT = "first-run-left";

interface Progress {
	readonly timeZone: string;
	readonly doors: number;
	readonly users: number;
}

async function loadProgress(): Promise<Progress> {
	const [{ timeZone }, { doors }, { total }] = await Promise.all([
		get<{ timeZone: string }>("/api/site"),
		get<{ doors: readonly unknown[] }>("/api/doors"),
		get<{ total: number }>("/api/users?limit=1"),
	]);
	return { timeZone, doors: doors.length, users: total };
}

/** What is left to do for a site that begins, one step after the other: it goes on where it was left. */
export function FirstRun(): JSX.Element {
	const progress = useLoaded("first-run", loadProgress);
	const left = useSignal<readonly string[]>((localStorage.getItem(LEFT) ?? "").split(" "));
	const leave = (step: Step): void => {
		left.value = [...left.value, step];
		localStorage.setItem(LEFT, left.value.join(" ").trim());
	};
	return (
		<Loaded of={progress}>
			{(now) => <At step={stepOf(now, left.value)} again={progress.again} leave={leave} />}
		</Loaded>
	);
}

function stepOf({ doors, timeZone, users }: Progress, left: readonly string[]): Step | undefined {
	if (timeZone === UNSET) return "zone";
	if (doors === 0 && !left.includes("door")) return "door";
	if (users === 0 && !left.includes("person")) return "person";
	return undefined;
}

interface StepProps {
	readonly again: () => Promise<void>;
	readonly leave: (step: Step) => void;
}

function At({ step, again, leave }: StepProps & { step: Step | undefined }): JSX.Element {
	useEffect(() => document.querySelector<HTMLElement>("main h1")?.focus(), [step]);
	return (
		<>
			<Steps at={step} />
			{step === "zone" ? (
				<ZoneStep again={again} />
			) : step === "door" ? (
				<DoorStep again={again} leave={leave} />
			) : step === "person" ? (
				<PersonStep again={again} leave={leave} />
			) : (
				<DoneStep />
			)}
		</>
	);
}

function ZoneStep({ again }: Pick<StepProps, "again">): JSX.Element {
	const t = firstRunWords();
	const zone = useSignal(Intl.DateTimeFormat().resolvedOptions().timeZone);
	const zones = [...new Set([zone.value, ...Intl.supportedValuesOf("timeZone"), "UTC"])].sort();
	return (
		<>
			<Heading title={t.zoneTitle} />
			<p>{t.zoneText}</p>
			<Form
				act={t.next}
				onSubmit={async () => {
					await put("/api/plan/settings", { timeZone: zone.value });
					await again();
				}}
			>
				<Choice
					label={t.zone}
					value={zone.value}
					options={zones.map((one) => [one, one] as const)}
					onChange={(one) => {
						zone.value = one;
					}}
				/>
			</Form>
		</>
	);
}

function DoorStep({ again, leave }: StepProps): JSX.Element {
	const t = firstRunWords();
	return (
		<>
			<Heading title={t.doorTitle} />
			<p>{t.doorText}</p>
			<AddDoor onAdded={again} />
			<p>
				<button type="button" class="quiet" onClick={() => leave("door")}>
					{t.later}
				</button>
			</p>
		</>
	);
}

function PersonStep({ again, leave }: StepProps): JSX.Element {
	const t = firstRunWords();
	const name = useSignal("");
	const email = useSignal("");
	const add = async (): Promise<void> => {
		const plan = (await planNames())[0] ?? (await firstPlan(t.plan));
		const user = await post<User>("/api/users", {
			name: name.value.trim(),
			...(email.value !== "" && { email: email.value }),
			accessPlans: [plan],
		});
		try {
			await invite(user, "link");
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			// The person is there; that the invitation is not is said beside it.
			sayError(refusalText(error, invitationWords().reasons));
		}
		await again();
	};
	return (
		<>
			<Heading title={t.personTitle} />
			<p>{t.personText}</p>
			<Form
				act={t.invite}
				onSubmit={add}
				extra={
					<button type="button" onClick={() => leave("person")}>
						{t.later}
					</button>
				}
			>
				<Field
					label={t.personName}
					required
					maxLength={200}
					value={name.value}
					onInput={(value) => {
						name.value = value;
					}}
				/>
				<Field
					label={t.personEmail}
					hint={t.personEmailHint}
					type="email"
					maxLength={254}
					value={email.value}
					onInput={(value) => {
						email.value = value;
					}}
				/>
			</Form>
		</>
	);
}

/** Without one a person opens nothing. */
async function firstPlan(name: string): Promise<string> {
	await put(`/api/plan/accessPlans/${encodeURIComponent(name)}`, [{ schedule: "always" }]);
	return name;
}

function DoneStep(): JSX.Element {
	const t = firstRunWords();
	return (
		<>
			<Heading title={t.doneTitle} />
			<p>{t.doneText}</p>
			<ul>
				{t.doneNext.map((text) => (
					<li key={text}>{text}</li>
				))}
			</ul>
			<p>
				<a class="button primary" href="/">
					{t.toSite}
				</a>
			</p>
		</>
	);
}
