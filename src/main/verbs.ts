import type { Verb } from '../cli/verb.ts';
import { assert } from '../cli/verbs/assert.ts';
import { cdk } from '../cli/verbs/cdk.ts';
import { connect, relay } from '../cli/verbs/connect.ts';
import { demo } from '../cli/verbs/demo.ts';
import { doctor } from '../cli/verbs/doctor.ts';
import { down } from '../cli/verbs/down.ts';
import { env } from '../cli/verbs/env.ts';
import { exec } from '../cli/verbs/exec.ts';
import { explain } from '../cli/verbs/explain.ts';
import { exportCode } from '../cli/verbs/export.ts';
import { image } from '../cli/verbs/image.ts';
import { importAws } from '../cli/verbs/import.ts';
import { laptop } from '../cli/verbs/laptop.ts';
import { lint } from '../cli/verbs/lint.ts';
import { reach } from '../cli/verbs/reach.ts';
import { ssh } from '../cli/verbs/ssh.ts';
import { state } from '../cli/verbs/state.ts';
import { status } from '../cli/verbs/status.ts';
import { trace } from '../cli/verbs/trace.ts';
import { makeDaemonVerb, makeUp, type RunDaemon } from '../cli/verbs/up.ts';

/** Every word of the command line, in the order of the help. */
export function verbs(runDaemon: RunDaemon): readonly Verb[] {
  return [
    makeUp(runDaemon),
    down,
    status,
    env,
    cdk,
    demo,
    laptop,
    exec,
    ssh,
    connect,
    explain,
    trace,
    reach,
    assert,
    lint,
    importAws,
    exportCode,
    state,
    image,
    doctor,
    makeDaemonVerb(runDaemon),
    relay,
  ];
}
