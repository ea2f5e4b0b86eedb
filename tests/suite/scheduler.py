"""pytest-xdist's way of handing groups of tests out, from both ends of the row."""

from xdist.scheduler import LoadGroupScheduling


class FromBothEnds(LoadGroupScheduling):
    """Hands tests out from the front of the row to every other worker, and from its back."""

    def _assign_work_unit(self, node):
        if int(node.gateway.id.removeprefix("gw")) % 2:
            last = next(reversed(self.workqueue))
            self.workqueue.move_to_end(last, last=False)
        super()._assign_work_unit(node)
