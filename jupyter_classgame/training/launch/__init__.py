"""Where a run takes place: in the kernel, in processes beside it, or on other machines."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_classgame.training.loop.training_loop import Run
    from jupyter_classgame.training.plan import Plan
    from jupyter_classgame.training.run_control import RunControl


def launch_run(plan: "Plan", control: "RunControl") -> "Run":
    """Prepare a run where its plan wants it; what can be refused beforehand is.

    Raises
    ------
    TrainingError
        There are no such devices, or the plan does not fit them.
    """
    from jupyter_classgame.training.launch.accelerate_config import AccelerateConfig  # noqa: PLC0415
    from jupyter_classgame.training.launch.device_choice import choose_devices  # noqa: PLC0415
    from jupyter_classgame.training.loop.training_loop import Run  # noqa: PLC0415 - it asks this room's ranks

    devices = choose_devices(plan.devices)
    config = AccelerateConfig.read(plan.many.accelerate_config)
    config.into(plan)
    plan.notes = (*plan.notes, *filter(None, [devices.note]))
    if devices.count == 1:
        plan.devices = str(devices)
        return Run(plan, control)
    from jupyter_classgame.training.launch.processes.many_devices_run import ManyDevicesRun  # noqa: PLC0415 - only where it is asked for

    return ManyDevicesRun(plan, control, devices, config.ddp)
