import {autocapture} from './autocapture.js';
import {device} from './device.js';
import {boot, onStart} from './tracker.js';
import {vitals} from './vitals.js';

onStart(device);
onStart(autocapture);
onStart(vitals);
boot();
